// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/xdi.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "formats/line_reader.h"
#include "formats/table.h"
#include "formats/xdi_values.h"

namespace twin::formats {

namespace {

constexpr std::size_t most_warnings = 100;

bool is_word(std::string_view text, bool may_begin_with_digit) {
  if (text.empty() || (!may_begin_with_digit && text.front() >= '0' && text.front() <= '9'))
    return false;
  return std::ranges::all_of(
      text, [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '_' || c == '-'); });
}

bool begins_with_three(std::string_view text, char c) {
  return text.size() >= 3 && text.substr(0, 3) == std::string(3, c);
}

/// Reads the lines in their order: fields, comments, label, data.
class XdiParser {
 public:
  explicit XdiParser(LineReader& reader) : reader_(reader), table_(reader.name()) {
    scan_.name = reader.name();
    scan_.format = "xdi";
  }

  ScanFile parse() {
    const auto first = reader_.next();
    if (!first) throw Error(Cause::data, reader_.name() + ": empty; XDI is expected");
    version(*first);
    while (const auto line = reader_.next()) take(*line);
    table_.finish(scan_);
    columns();
    expect_fields();
    return std::move(scan_);
  }

 private:
  enum class Part { fields, comments, label, data };

  [[nodiscard]] std::string here() const {
    return reader_.name() + ":" + std::to_string(reader_.number()) + ": ";
  }
  [[noreturn]] void fail(const std::string& what) const { throw Error(Cause::data, here() + what); }
  void warn(const std::string& what) {  // a hostile file could have one on every line
    if (scan_.warnings.size() < most_warnings) scan_.warnings.push_back(here() + what);
  }

  void version(std::string_view line) {
    const auto text = trim(line.substr(line.find('#') == line.npos ? 0 : line.find('#') + 1));
    const auto parts = words(text);
    if (!is_xdi(line)) fail("no '# XDI/1.0' in the first line; XDI begins with it");
    const auto numbers = split(parts.front().substr(4), '.');
    const auto major = parse_integer(numbers.front());
    if (!major || *major != 1)
      fail("XDI version '" + printable(parts.front().substr(4)) + "'; 1.0 is known");
    scan_.metadata["xdi.version"] = clean(parts.front().substr(4));
    const auto rest = trim(text.substr(parts.front().size()));
    if (!rest.empty()) scan_.metadata["xdi.applications"] = clean(rest);
  }

  void take(std::string_view line) {
    const auto text = trim(line);
    if (text.empty()) return;
    if (text.front() == '#') return comment(trim(text.substr(1)));
    if (part_ != Part::data) {
      if (!is_row(text) && std::string_view(";%!*").find(text.front()) != std::string_view::npos)
        return warn("comments begin with '#' in XDI; the line was passed over");
      if (!is_row(text) && reader_.ended())
        fail("neither a header line that begins with '#' nor two numbers or more: '" +
             printable(text.substr(0, 40)) + "'");
      if (part_ != Part::label) warn("numbers without a line '# ---' before them");
      part_ = Part::data;
    }
    table_.add(line, reader_.number(), reader_.ended());
  }

  void comment(std::string_view text) {
    if (part_ == Part::data) return;
    if (begins_with_three(text, '-')) {
      part_ = Part::label;
    } else if (part_ == Part::label) {
      if (labels_.empty())
        for (const auto word : words(text)) labels_.push_back(clean(word));
    } else if (part_ == Part::comments) {
      add_comment(scan_, text);
    } else if (begins_with_three(text, '/')) {
      part_ = Part::comments;
    } else if (!text.empty()) {
      field(text);
    }
  }

  void field(std::string_view text) {
    const std::string shown = "'" + printable(text.substr(0, 40)) + "': ";
    const std::string right = "; '# Namespace.tag: value' is expected";
    const std::size_t colon = text.find(':');
    if (colon == text.npos) fail(shown + "no colon" + right);
    const auto key = trim(text.substr(0, colon)), value = trim(text.substr(colon + 1));
    const auto parts = split(key, '.');
    if (parts.size() != 2)
      fail(shown + std::to_string(parts.size() - 1) + " dots in the key" + right);
    if (!is_word(parts[0], false)) fail(shown + "no namespace" + right);
    if (!is_word(parts[1], true)) fail(shown + "no tag" + right);
    if (value.empty()) fail(shown + "no value" + right);
    if (scan_.metadata.size() > 10000) fail("more than 10000 fields; a header is expected");
    const std::string name = lower(key);
    if (scan_.metadata.contains(name)) warn("field '" + name + "' is given again; this one counts");
    scan_.metadata[name] = clean(value);
    if (const auto fault = fault_of_field(name, value); !fault.empty())
      warn("field '" + name + "' is '" + printable(value.substr(0, 40)) + "'; " + fault +
           ", it is kept as text");
    if (lower(parts[0]) == "column") column(parts[1], value);
  }

  /// `Column.2: i0 counts || PV name`: what is behind || says where it came from.
  void column(std::string_view number, std::string_view value) {
    const auto n = parse_integer(number);
    if (!n || *n < 1 || *n > 100000) return warn("'Column." + printable(number) + "' is no column");
    const auto said = words(value.substr(0, value.find("||")));
    Column& column = columns_[static_cast<std::size_t>(*n) - 1];
    if (!said.empty()) column.name = clean(said[0]);
    if (said.size() > 1) column.unit = clean(said[1]);
  }

  void columns() {
    const std::size_t width = scan_.columns.size();
    std::vector<std::string> names(width), units(width);
    if (labels_.size() == width + 1) labels_.erase(labels_.begin());
    if (!labels_.empty() && labels_.size() != width)
      scan_.warnings.push_back(scan_.name + ": " + std::to_string(labels_.size()) +
                               " column labels over " + std::to_string(width) + " columns");
    for (std::size_t i = 0; i < std::min(width, labels_.size()); ++i) names[i] = labels_[i];
    for (const auto& [i, column] : columns_) {
      if (i >= width) {
        scan_.warnings.push_back(scan_.name + ": field 'Column." + std::to_string(i + 1) +
                                 "', but there are " + std::to_string(width) + " columns");
        continue;
      }
      if (!column.name.empty()) names[i] = column.name;
      units[i] = column.unit;
    }
    name_columns(scan_, names);
    set_units(scan_, units);
  }

  void expect_fields() {
    for (const char* key : {"element.symbol", "element.edge", "mono.d_spacing"})
      if (!scan_.metadata.contains(key))
        scan_.warnings.push_back(scan_.name + ": no field '" + key + "'; XDI asks for it");
    constexpr std::array edges{"k", "l", "l1", "l2", "l3", "m", "m1", "m2", "m3", "m4", "m5", "n"};
    const auto edge = scan_.metadata.find("element.edge");
    if (edge != scan_.metadata.end() &&
        std::ranges::find(edges, lower(edge->second)) == edges.end())
      scan_.warnings.push_back(scan_.name + ": edge '" + edge->second +
                               "'; K, L1, L2, L3 ... are known");
  }

  struct Column {
    std::string name, unit;
  };
  LineReader& reader_;
  ScanFile scan_;
  Table table_;
  Part part_ = Part::fields;
  std::vector<std::string> labels_;
  std::map<std::size_t, Column> columns_;
};

}  // namespace

bool is_xdi(std::string_view line) {
  const std::string text = lower(trim(line).substr(0, 64));
  if (!text.starts_with('#')) return false;
  const auto rest = trim(std::string_view(text).substr(1));
  return rest.starts_with("xdi/") && rest.size() > 4;
}

ScanFile parse_xdi(std::istream& in, const std::string& name) {
  LineReader reader(in, name);
  return XdiParser(reader).parse();
}

}  // namespace twin::formats
