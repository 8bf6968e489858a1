// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/spec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/hash.h"
#include "core/text.h"
#include "formats/limits.h"
#include "formats/line_reader.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

constexpr std::size_t most_scans = 100000, most_warnings = 20;

/// Names with single blanks inside, two blanks or tabs between them.
std::vector<std::string> labels_of(std::string_view text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != text.npos) {
    std::size_t end = std::min(text.find('\t', at), text.find("  ", at));
    end = std::min(end, text.size());
    out.push_back(clean(text.substr(at, end - at)));
    at = end;
  }
  return out;
}

/// The points that a command of SPEC's own asked for; nothing of other commands.
std::optional<std::size_t> points_of(std::string_view command) {
  constexpr std::array known{"ascan",  "dscan",  "lup",    "a2scan", "d2scan",
                             "a3scan", "d3scan", "a4scan", "d4scan", "mesh"};
  const auto parts = words(command);
  if (parts.size() < 5) return std::nullopt;
  if (std::ranges::find(known, parts.front()) == known.end()) return std::nullopt;
  const auto count = [&](std::size_t at) -> std::optional<std::size_t> {
    const auto n = parse_integer(parts[at]);
    if (!n || *n < 0 || *n > 1000000) return std::nullopt;
    return static_cast<std::size_t>(*n) + 1;
  };
  if (parts.front() != "mesh") return count(parts.size() - 2);
  if (parts.size() != 10) return std::nullopt;
  const auto inner = count(4), outer = count(8);
  return inner && outer ? std::optional(*inner * *outer) : std::nullopt;
}

/// A scan under way.
struct Scan {
  Scan(const std::string& name, std::size_t begin) : table(name), line(begin) {}
  ScanFile file;
  Table table;
  std::vector<std::string> names;  ///< as #L has them
  std::string names_line, command;
  std::size_t line, width = 0, broken = 0;
  Sha256 digest;  ///< of its lines, from #S on
};

class SpecParser {
 public:
  SpecParser(std::istream& in, const std::string& name, std::vector<Error>* refused)
      : reader_(in, name), refused_(refused) {}

  std::vector<ScanFile> parse() {
    while (const auto line = reader_.next()) take(*line);
    finish();
    if (scans_.empty() && failed_ == 0)
      throw Error(Cause::data, reader_.name() + ": " + std::to_string(empty_) +
                                   " scans, none of them with rows; '#S' and rows of numbers are "
                                   "expected");
    if (empty_ > 0 && !scans_.empty())
      scans_.back().warnings.push_back(reader_.name() + ": " + std::to_string(empty_) +
                                       " scans without rows were passed over");
    return std::move(scans_);
  }

 private:
  [[nodiscard]] std::string place(std::size_t line) const {
    return reader_.name() + ":" + std::to_string(line) + ": ";
  }

  void take(std::string_view line) {
    take_line(line);
    // Comments and blank lines may come when the scan is over.
    if (!scan_ || line.starts_with("#C") || trim(line).empty()) return;
    scan_->digest.add(line);
    scan_->digest.add("\n");
  }

  void take_line(std::string_view line) {
    const bool in_mca = std::exchange(in_mca_, false);
    if (in_mca || line.starts_with('@')) {
      in_mca_ = trim(line).ends_with('\\');
    } else if (line.starts_with('#')) {
      header(line.substr(1));
    } else if (scan_ && !trim(line).empty()) {
      row(line);
    }
  }

  void header(std::string_view line) {
    const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
    const auto key = line.substr(0, blank), value = trim(line.substr(blank));
    if (key == "S") return begin(value);
    if (key == "F" && !scan_) file_ = clean(value);
    if (key.starts_with('O')) motors(key.substr(1), value);
    if (!scan_) return;
    auto& file = scan_->file;
    if (key == "L") {
      scan_->names = labels_of(value);
      scan_->names_line = value;
    } else if (key == "N") {
      const auto n = parse_integer(words(value).empty() ? value : words(value).front());
      if (n && *n > 0 && *n <= 100000) scan_->width = static_cast<std::size_t>(*n);
    } else if (key == "D") {
      file.metadata["spec.date"] = clean(value);
    } else if (key.starts_with('P')) {
      positions(key.substr(1), value);
    } else if (key == "C") {
      add_comment(file, value);
      if (lower(value).find("aborted") != std::string::npos) {
        file.truncated = true;
        warn(*scan_, reader_.number(), "the scan was aborted");
      }
    }
  }

  void motors(std::string_view number, std::string_view value) {
    const auto n = parse_integer(number);
    if (n && *n >= 0 && *n < 1000) motors_[*n] = labels_of(value);
  }

  void positions(std::string_view number, std::string_view value) {
    const auto n = parse_integer(number);
    const auto names = n ? motors_.find(*n) : motors_.end();
    if (names == motors_.end()) return;
    const auto values = words(value);
    for (std::size_t i = 0; i < std::min(values.size(), names->second.size()); ++i)
      if (scan_->file.metadata.size() < 1000 && !names->second[i].empty())
        scan_->file.metadata["motor." + lower(names->second[i])] = clean(values[i]);
  }

  void begin(std::string_view value) {
    finish();
    if (scans_.size() + empty_ >= most_scans)
      throw Error(Cause::data, place(reader_.number()) + "more than 100000 scans");
    scan_.emplace(reader_.name(), reader_.number());
    const auto parts = words(value);
    auto& file = scan_->file;
    file.name = reader_.name();
    file.format = "spec";
    file.label = parts.empty() ? "" : clean(parts.front());
    if (parts.empty()) return;
    scan_->command = clean(value.substr(parts.front().size()));
    file.metadata["spec.number"] = file.label;
    if (!scan_->command.empty()) file.metadata["spec.command"] = scan_->command;
    if (!file_.empty()) file.metadata["spec.file"] = file_;
  }

  void warn(Scan& scan, std::size_t line, const std::string& what) const {
    if (scan.file.warnings.size() < most_warnings) scan.file.warnings.push_back(place(line) + what);
  }

  void row(std::string_view line) {
    auto& scan = *scan_;
    const auto parts = fields(line);
    const std::size_t width = !scan.table.empty() ? scan.table.width()
                              : scan.width > 0    ? scan.width
                                                  : parts.size();
    const bool numbers = std::ranges::all_of(parts, [](auto part) {
      const auto value = parse_double(part);
      return value && std::isfinite(*value);
    });
    // The end of the file is judged by the table: a last number may be cut.
    const bool last = !reader_.ended() && !scan.table.empty() && parts.size() <= width;
    if (!last && (!numbers || parts.size() != width || width < 2)) {
      if (width >= 2) ++scan.broken;
      scan.file.truncated = scan.file.truncated || width >= 2;
      return warn(scan, reader_.number(),
                  numbers ? std::to_string(parts.size()) + " columns instead of " +
                                std::to_string(std::max<std::size_t>(width, 2)) +
                                "; the row was left out"
                          : "a row with what is no finite number was left out");
    }
    numbers_ += parts.size();
    if (numbers_ > most_numbers)
      throw Error(Cause::data, place(reader_.number()) + "more than 67 million numbers");
    scan.table.add(line, reader_.number(), reader_.ended());
  }

  void finish() {
    if (!scan_) return;
    auto scan = std::move(*scan_);
    scan_.reset();
    if (scan.table.empty() && scan.broken == 0) {
      ++empty_;
      return;
    }
    try {
      columns(scan);
      scans_.push_back(std::move(scan.file));
    } catch (const Error& error) {
      if (!refused_) throw;
      refused_->push_back(error);
      ++failed_;
    }
  }

  void columns(Scan& scan) {
    auto& file = scan.file;
    if (scan.table.empty())
      throw Error(Cause::data, place(scan.line) + "scan '" + file.label + "': all of its " +
                                   std::to_string(scan.broken) +
                                   " rows are broken; rows of numbers are expected");
    const bool stopped = file.truncated;
    scan.table.finish(file);
    file.truncated = file.truncated || stopped;
    auto names = scan.names;
    if (names.size() != file.columns.size()) {  // single blanks between them, perhaps
      names.clear();
      for (const auto word : words(scan.names_line)) names.push_back(clean(word));
    }
    if (names.size() != file.columns.size()) {
      warn(scan, scan.line,
           std::to_string(scan.names.size()) + " labels for " +
               std::to_string(file.columns.size()) + " columns; they are numbered");
      names.clear();
    }
    name_columns(file, names);
    set_units(file, {});
    const auto points = points_of(scan.command);
    file.counted = points && !file.truncated && file.rows() >= *points;
    file.sha256 = scan.digest.hexadecimal();
    if (points && file.rows() + scan.broken < *points) {
      file.truncated = true;
      warn(scan, scan.line,
           std::to_string(file.rows()) + " of " + std::to_string(*points) + " points are there");
    }
    const std::string stem = file.label;
    for (int n = 2; !labels_.insert(file.label).second; ++n)
      file.label = stem + "." + std::to_string(n);
  }

  LineReader reader_;
  std::vector<Error>* refused_;
  std::optional<Scan> scan_;
  std::vector<ScanFile> scans_;
  std::set<std::string> labels_;
  std::map<long long, std::vector<std::string>> motors_;
  std::string file_;
  std::size_t empty_ = 0, failed_ = 0, numbers_ = 0;
  bool in_mca_ = false;
};

}  // namespace

std::vector<ScanFile> parse_spec(std::istream& in, const std::string& name,
                                 std::vector<Error>* refused) {
  return SpecParser(in, name, refused).parse();
}

}  // namespace twin::formats
