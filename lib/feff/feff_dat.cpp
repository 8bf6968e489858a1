// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>

#include "atoms/element.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "feff/feff.h"

// The file, as genfmt of FEFF6L and FEFF8L writes it: a few lines about the potentials; a line of
// dashes; `nleg, deg, reff, rnrmav(bohr), edge`; a heading; one line an atom, absorber first; a
// heading; rows of seven columns, k from 0 to 20 1/Å.
namespace twin::feff {

namespace {

constexpr double bohr = 0.529177210903;  // Å, CODATA 2018

/// Goes through the lines of a text and knows where it is.
class Lines {
 public:
  Lines(const std::string& text, const std::string& name) : lines_(split(text, '\n')), name_(name) {
    if (!lines_.back().empty()) fail_at(lines_.size(), "the last line has no end; is it cut off?");
    while (!lines_.empty() && lines_.back().find_first_not_of(" \t\r") == lines_.back().npos)
      lines_.pop_back();
  }

  [[nodiscard]] bool at_end() const { return next_ == lines_.size(); }

  /// The next line; \p expected says what it should hold.
  std::string_view next(const char* expected) {
    if (at_end()) fail_at(next_ + 1, std::string("the file ends; expected ") + expected);
    std::string_view line = lines_[next_++];
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  /// The same where a `#` may stand before all: some programs comment the head out.
  std::string_view next_of_head(const char* expected) {
    std::string_view line = next(expected);
    if (line.starts_with('#')) line.remove_prefix(1);
    return line;
  }

  [[noreturn]] void fail(const std::string& what) const { fail_at(next_, what); }

  /// The first \p count words of the next line as finite numbers.
  std::vector<double> numbers(std::size_t count, const char* expected) {
    return numbers_of(next(expected), count, expected);
  }
  std::vector<double> numbers_of_head(std::size_t count, const char* expected) {
    return numbers_of(next_of_head(expected), count, expected);
  }

 private:
  std::vector<double> numbers_of(std::string_view line, std::size_t count,
                                 const char* expected) const {
    const auto found = words(line);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = i < found.size() ? parse_double(found[i]) : std::nullopt;
      if (!value || !std::isfinite(*value))
        fail("column " + std::to_string(i + 1) + " is not a number; expected " + expected);
      values.push_back(*value);
    }
    return values;
  }

  [[noreturn]] void fail_at(std::size_t line, const std::string& what) const {
    throw Error(Cause::data, printable(name_) + ":" + std::to_string(line) + ": " + what);
  }

  std::vector<std::string_view> lines_;
  std::string name_;
  std::size_t next_ = 0;
};

void skip_header(Lines& lines) {
  constexpr int longest = 60;
  for (int i = 0; i < longest; ++i)
    if (trim(lines.next_of_head("a line of dashes")).starts_with("-----")) return;
  lines.fail("no line of dashes so far; is it a feffNNNN.dat?");
}

/// The label behind it is whatever the input file said; the number is what FEFF computed with.
std::string element_of(const Lines& lines, double number) {
  if (!(number >= 1 && number <= 103) || number != std::floor(number))
    lines.fail("column 5 is no atomic number from 1 to 103");
  return atoms::symbol_of(static_cast<int>(number));
}

void read_geometry(Lines& lines, xas::ScatteringPath& path) {
  const auto head = lines.numbers_of_head(4, "nleg, degeneracy, reff, rnrmav");
  if (head[0] != std::floor(head[0]) || head[0] < 2 || head[0] > 10)
    lines.fail("nleg is not an integer from 2 to 10");
  if (!(head[1] > 0 && head[2] > 0)) lines.fail("degeneracy and reff are not positive");
  if (!(head[3] > 0 && head[3] < 20)) lines.fail("rnrmav is not from 0 to 20 bohr");
  path.legs = static_cast<int>(head[0]);
  path.degeneracy = head[1];
  path.reff = head[2];
  path.rnrmav = head[3] * bohr;
  lines.next("the heading of the atoms");
  path.atoms.resize(path.legs, 3);
  for (int i = 0; i < path.legs; ++i) {
    const auto at = lines.numbers_of_head(5, "x, y, z, potential and atomic number of an atom");
    path.atoms.row(i) = Eigen::RowVector3d(at[0], at[1], at[2]);
    path.elements.push_back(element_of(lines, at[4]));
  }
  const Eigen::RowVector3d absorber = path.atoms.row(0);
  path.atoms.rowwise() -= absorber;
}

void check_length(const Lines& lines, const xas::ScatteringPath& path) {
  double length = 0;
  for (int i = 0; i < path.legs; ++i)
    length += (path.atoms.row((i + 1) % path.legs) - path.atoms.row(i)).norm();
  const double printed = 1e-3 * path.legs;  // four decimals each
  if (!(std::abs(length / 2 - path.reff) < printed))
    lines.fail("the legs of the atoms add up to another reff than the header's");
}

using Row = std::array<double, 7>;

std::vector<Row> read_rows(Lines& lines) {
  std::vector<Row> rows;
  while (!lines.at_end()) {
    const auto values = lines.numbers(7, "k and six columns");
    Row row{};
    std::copy(values.begin(), values.end(), row.begin());
    if (rows.empty() ? row[0] < 0 : row[0] <= rows.back()[0]) lines.fail("k does not increase");
    if (!(row[5] > 0)) lines.fail("the mean free path is not positive");
    rows.push_back(row);
  }
  constexpr double last_k = 20.0;  // FEFF6L's grid always ends there
  if (rows.size() < 10 || rows.back()[0] < last_k - 1e-6)
    lines.fail("the rows end before k = 20 1/Å; is it cut off?");
  return rows;
}

void fill_columns(const std::vector<Row>& rows, xas::ScatteringPath& path) {
  const std::array<Eigen::VectorXd*, 7> columns{
      &path.k, &path.phc, &path.mag, &path.phase, &path.reduction, &path.lambda, &path.rep};
  for (std::size_t c = 0; c < columns.size(); ++c) {
    columns[c]->resize(static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
      (*columns[c])[static_cast<Eigen::Index>(i)] = rows[i][c];
  }
}

}  // namespace

xas::ScatteringPath parse_feff_dat(const std::string& text, const std::string& name) {
  Lines lines(text, name);
  xas::ScatteringPath path;
  path.name = name;
  skip_header(lines);
  read_geometry(lines, path);
  check_length(lines, path);
  lines.next("the heading of the columns");
  fill_columns(read_rows(lines), path);
  return path;
}

xas::ScatteringPath read_feff_dat(const std::string& path) {
  constexpr std::size_t most_bytes = 1u << 20;  // real ones have 4 to 8 kB
  return parse_feff_dat(read_file(path, most_bytes),
                        std::filesystem::path(path).filename().string());
}

}  // namespace twin::feff
