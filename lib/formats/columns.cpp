// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/columns.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/text.h"
#include "formats/known_header.h"
#include "formats/line_reader.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

constexpr std::string_view comment_signs = "#%;!*";
constexpr std::size_t longest_table_in_header = 64;  // rows
constexpr std::size_t most_header_lines = 200;

bool is_comment(std::string_view line) {
  line = trim(line);
  return !line.empty() && comment_signs.find(line.front()) != comment_signs.npos;
}

std::string_view without_signs(std::string_view line) {
  line = trim(line);
  const std::size_t at = line.find_first_not_of(comment_signs);
  return at == line.npos ? std::string_view{} : trim(line.substr(at));
}

/// A line of dashes and the like.
bool is_rule(std::string_view text) { return text.find_first_not_of("-=_*#/+ \t") == text.npos; }

/// `key: value` of a header, the key one word.
void take_metadata(ScanFile& scan, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon > 64) return;
  const std::string_view key = text.substr(0, colon), value = trim(text.substr(colon + 1));
  const bool word = std::ranges::all_of(key, [](unsigned char c) {
    return c < 128 && (std::isalnum(c) || c == '_' || c == '.' || c == '-');
  });
  if (!word || value.empty() || lower(key) == "comments" || scan.metadata.size() > 1000) return;
  scan.metadata[lower(key)] = clean(value);
}

/// Whether \p parts name \p width columns, perhaps behind one word that names none.
bool are_labels(std::vector<std::string>& parts, std::size_t width) {
  if (parts.size() == width + 1) parts.erase(parts.begin());
  if (parts.size() != width) return false;
  return std::ranges::none_of(parts, [](const std::string& part) {
    return parse_double(part) || part.find('=') != part.npos || part.ends_with(':');
  });
}

std::string label(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return clean(text);
}

/// The names that the last line of the header gives; empty when it gives none. Labels may hold
/// blanks when tabs or commas separate them.
std::vector<std::string> labels_of(std::string_view line, std::size_t width) {
  for (const char separator : {'\t', ','}) {
    std::vector<std::string> parts;
    for (const auto part : split(line, separator)) parts.push_back(label(part));
    if (parts.size() == width && are_labels(parts, width)) return parts;
  }
  std::vector<std::string> parts;
  for (const auto word : fields(line)) parts.push_back(label(word));
  if (are_labels(parts, width)) return parts;
  return {};
}

/// What has been read so far.
struct Parser {
  explicit Parser(const std::string& name) : table(name) {
    scan.name = name;
    scan.format = "columns";
  }

  ScanFile scan;
  Table table;
  std::string label_line;
  std::vector<std::string> header_lines;  ///< the first of them, for headers that are known
  std::vector<std::string> of_tables;     ///< warnings about tables in the header
  bool bare_header = false;               ///< it has lines without a comment sign

  void header(std::string_view line, bool comment) {
    const auto text = without_signs(line);
    bare_header = bare_header || !comment;
    if (is_rule(text)) return;
    label_line = text;
    if (header_lines.size() < most_header_lines && text.size() < (1u << 14))
      header_lines.emplace_back(text);
    take_metadata(scan, text);
    add_comment(scan, text);
  }

  /// True when the rows so far are a table inside the header, and text follows.
  [[nodiscard]] bool in_header(std::string_view line) const {
    const auto words = fields(line);
    return bare_header && table.rows() <= longest_table_in_header && !words.empty() &&
           !parse_double(words.front());
  }

  void line(std::string_view line, std::size_t number, bool ended) {
    if (trim(line).empty()) return;
    const bool comment = is_comment(line);
    if (table.empty()) {
      if (!comment && is_row(line)) return table.add(line, number, ended);
      return header(line, comment);
    }
    if (comment) return;
    if (!in_header(line)) return table.add(line, number, ended);
    if (of_tables.size() < 20)
      of_tables.push_back(scan.name + ":" + std::to_string(table.first_line()) + ": " +
                          std::to_string(table.rows()) +
                          " rows of numbers with text behind them were taken as header");
    table.clear();
    header(line, comment);
  }

  /// By what the header is known to say, else by its last line; units where lines of it give them.
  void name_all() {
    const std::size_t width = scan.columns.size();
    if (auto known = known_header(header_lines, scan.columns.front(), width)) {
      name_columns(scan, known->names);
      set_units(scan, known->units);
      for (auto& [key, value] : known->metadata) scan.metadata.try_emplace(key, clean(value));
      return;
    }
    for (auto& text : of_tables) scan.warnings.push_back(std::move(text));
    name_columns(scan, labels_of(label_line, width));
    set_units(scan, stated_units());
  }

  /// Of lines `column.2: name unit`.
  [[nodiscard]] std::vector<std::string> stated_units() const {
    std::vector<std::string> out(scan.columns.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto stated = scan.metadata.find("column." + std::to_string(i + 1));
      if (stated == scan.metadata.end()) continue;
      const auto said = words(stated->second);
      if (said.size() == 2 && lower(said[0]) == scan.names[i]) out[i] = said[1];
    }
    return out;
  }
};

}  // namespace

ScanFile parse_columns(std::istream& in, const std::string& name) {
  LineReader reader(in, name);
  Parser parser(reader.name());
  while (const auto line = reader.next()) parser.line(*line, reader.number(), reader.ended());
  if (reader.number() == 1)
    throw Error(Cause::data, reader.name() + ": empty; columns of numbers are expected");
  parser.table.finish(parser.scan);
  parser.name_all();
  return std::move(parser.scan);
}

}  // namespace twin::formats
