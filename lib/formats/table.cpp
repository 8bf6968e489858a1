// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/table.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "core/units.h"
#include "formats/limits.h"

namespace twin::formats {

namespace {

std::string shown(std::string_view word) {
  return "'" + printable(word.substr(0, 40)) + (word.size() > 40 ? "..." : "") + "'";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `8979,5 1,23`: commas inside numbers and blanks between them. As separators they would give
/// four wrong numbers.
bool has_decimal_commas(std::string_view line) {
  line = trim(line);
  if (line.find_first_of(" \t") == line.npos) return false;
  for (std::size_t i = 1; i + 1 < line.size(); ++i)
    if (line[i] == ',' && is_digit(line[i - 1]) && is_digit(line[i + 1])) return true;
  return false;
}

}  // namespace

std::vector<std::string_view> fields(std::string_view line) {
  constexpr std::string_view separators = " \t,\r";
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(separators); at != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(separators, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(separators, end);
  }
  return words;
}

bool is_row(std::string_view line) {
  const auto words = fields(line);
  return words.size() >= 2 &&
         std::ranges::all_of(words, [](auto word) { return parse_double(word).has_value(); });
}

void Table::fail(std::size_t number, const std::string& what) const {
  throw Error(Cause::data, name_ + ":" + std::to_string(number) + ": " + what);
}

std::optional<std::vector<double>> Table::numbers(const std::vector<std::string_view>& words,
                                                  std::size_t number, bool ended) {
  std::vector<double> row;
  row.reserve(words.size());
  for (const auto word : words) {
    const auto value = parse_double(word);
    if (!value && !ended) return std::nullopt;
    if (!value)
      fail(number,
           shown(word) + " is not a number; " + std::to_string(width()) + " numbers are expected");
    if (!std::isfinite(*value))
      fail(number, "column " + std::to_string(row.size() + 1) + " is " + shown(word) +
                       "; finite numbers are expected");
    row.push_back(*value);
  }
  return row;
}

Table::Ending Table::ending_of(std::string_view line, std::string_view last) {
  const std::size_t sign = last.front() == '-' || last.front() == '+' ? 1 : 0;
  const std::size_t point = last.find('.');
  return {last.size() - sign, point == last.npos ? 0 : last.size() - point,
          line.find_last_not_of(" \t\r,") + 1};
}

bool Table::looks_cut(const Ending& ending) const {
  return rows_ == 0 || ending.number < shortest_.number || ending.decimals < shortest_.decimals ||
         (same_lengths_ && ending.line < shortest_.line);
}

void Table::remember(const Ending& ending) {
  if (rows_ == 0) shortest_ = ending;
  same_lengths_ = same_lengths_ && ending.line == shortest_.line;
  shortest_ = {std::min(ending.number, shortest_.number),
               std::min(ending.decimals, shortest_.decimals),
               std::min(ending.line, shortest_.line)};
}

void Table::add(std::string_view line, std::size_t number, bool ended) {
  if (cut_line_ > 0)
    fail(cut_line_, std::to_string(cut_width_) + " columns; " + std::to_string(width()) +
                        " as in the rows before are expected");
  if (has_decimal_commas(line)) fail(number, "decimal commas; decimal points are expected");
  const auto words = fields(line);
  const auto row = numbers(words, number, ended);
  const auto cut = [&] {
    cut_line_ = number;
    cut_width_ = words.size();
  };
  if (!row || (rows_ > 0 && row->size() < width())) return cut();
  if (row->size() < 2) {
    if (!ended) return cut();
    fail(number, std::to_string(row->size()) + " columns; two or more are expected");
  }
  if (rows_ == 0) columns_.resize(row->size());
  if (row->size() > width())
    fail(number, std::to_string(row->size()) + " columns; " + std::to_string(width()) +
                     " as in the rows before are expected");
  const Ending ending = ending_of(line, words.back());
  if (!ended && looks_cut(ending)) return cut();
  if ((rows_ + 1) * width() > most_numbers)
    fail(number, "more than 67 million numbers; a scan is expected");
  remember(ending);
  for (std::size_t i = 0; i < width(); ++i) columns_[i].push_back((*row)[i]);
  lines_.push_back(number);
  ++rows_;
}

void Table::clear() { *this = Table(name_); }

void Table::finish(ScanFile& scan) {
  if (rows_ == 0)
    throw Error(Cause::data, name_ + (cut_line_ > 0 ? ":" + std::to_string(cut_line_) : "") +
                                 ": no whole row of numbers; two columns or more are expected");
  scan.columns = std::move(columns_);
  scan.lines = std::move(lines_);
  scan.truncated = cut_line_ > 0;
  if (scan.truncated)
    scan.warnings.push_back(name_ + ":" + std::to_string(cut_line_) +
                            ": the last row is cut; it was left out");
}

void name_columns(ScanFile& scan, const std::vector<std::string>& wanted) {
  scan.names.clear();
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    std::string name = i < wanted.size() ? lower(wanted[i]) : "";
    if (name.empty()) name = std::to_string(i + 1);
    const std::string stem = name;
    for (int n = 2; std::ranges::find(scan.names, name) != scan.names.end(); ++n)
      name = stem + "." + std::to_string(n);
    scan.names.push_back(name);
  }
}

void set_units(ScanFile& scan, const std::vector<std::string>& wanted) {
  scan.units.assign(scan.columns.size(), "");
  for (std::size_t i = 0; i < std::min(wanted.size(), scan.columns.size()); ++i) {
    if (wanted[i].empty()) continue;
    const auto unit = find_unit(wanted[i]);
    if (!unit) {
      scan.warnings.push_back(scan.name + ": unit '" + wanted[i] + "' of column '" + scan.names[i] +
                              "' is not known; it was left out");
      continue;
    }
    scan.units[i] = unit->name;
    if (unit->dimension != "energy" || unit->name == "eV") continue;
    for (double& value : scan.columns[i]) value = convert(value, unit->name, "eV");
    scan.units[i] = "eV";
  }
}

std::string clean(std::string_view text) {
  std::string out(trim(text));
  std::ranges::replace(out, '\t', ' ');
  return printable(out);
}

void add_comment(ScanFile& scan, std::string_view line) {
  std::string& text = scan.metadata["comments"];
  if (text.size() + line.size() > (1u << 16)) return;
  if (!text.empty()) text += '\n';
  text += clean(line);
}

}  // namespace twin::formats
