// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/scan_file.h"

namespace twin::formats {

/// The words of a line of numbers: separated by blanks, tabs or commas.
[[nodiscard]] std::vector<std::string_view> fields(std::string_view line);

/// True when the line is two numbers or more and nothing else (nan and inf count as numbers).
[[nodiscard]] bool is_row(std::string_view line);

/// The rows of numbers of a file as they come, and the judgement of the last one.
///
/// A row with fewer columns than the first is an error, unless nothing follows: then the file was
/// cut. A last line without a line end is held cut also when it does not read as numbers, or when
/// it is shorter than all others in what may not vary (see Ending): `1.25E+0` of `1.25E+04` would
/// be wrong by 10⁴, and a lost point costs nothing.
class Table {
 private:
  /// How a row ends, in characters: the last number without its sign, its part behind the point,
  /// the whole line.
  struct Ending {
    std::size_t number = 0, decimals = 0, line = 0;
  };

 public:
  explicit Table(std::string name) : name_(std::move(name)) {}

  /// \throws Error{data}  `name:line: ...`: not a number, not finite, ragged, decimal commas, over
  ///                      2²⁶ numbers
  void add(std::string_view line, std::size_t number, bool ended);

  [[nodiscard]] bool empty() const { return rows_ == 0; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t width() const { return columns_.size(); }
  [[nodiscard]] std::size_t first_line() const { return lines_.empty() ? 0 : lines_.front(); }
  void clear();

  /// Moves the rows into \p scan.  \throws Error{data} there are none
  void finish(ScanFile& scan);

 private:
  [[noreturn]] void fail(std::size_t number, const std::string& what) const;
  std::optional<std::vector<double>> numbers(const std::vector<std::string_view>& words,
                                             std::size_t number, bool ended);

  static Ending ending_of(std::string_view line, std::string_view last);
  [[nodiscard]] bool looks_cut(const Ending& ending) const;
  void remember(const Ending& ending);

  std::string name_;
  std::vector<std::vector<double>> columns_;
  std::vector<std::size_t> lines_;
  std::size_t rows_ = 0;
  Ending shortest_;
  bool same_lengths_ = true;  ///< all lines end in the same place
  std::size_t cut_line_ = 0;  ///< 0 = none so far
  std::size_t cut_width_ = 0;
};

/// Gives the columns of \p scan their names: \p wanted where not empty, else "1", "2" ...; a name
/// that came before gets ".2", ".3" ... behind it.
void name_columns(ScanFile& scan, const std::vector<std::string>& wanted);

/// Sets the unit of each column (canonical, "" when unknown) and turns energies into eV.
void set_units(ScanFile& scan, const std::vector<std::string>& wanted);

/// \p text as metadata may hold it: trimmed, valid UTF-8 without control bytes.
[[nodiscard]] std::string clean(std::string_view text);

/// Adds a line to the free text of the header; at most 64 KiB are kept.
void add_comment(ScanFile& scan, std::string_view line);

}  // namespace twin::formats
