// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5_object.h"
#include "formats/hdf5_tree.h"

namespace twin::formats {

/// A data set of numbers that is read a row of its first dimension at a time, or whole: of any
/// length, only the row has to fit.
class Hdf5Rows {
 public:
  /// What is at \p path of \p tree, which must stay; nothing where there are no numbers of at most
  /// three dimensions. A single number is a row of one.
  Hdf5Rows(Hdf5Tree& tree, const std::string& path);

  explicit operator bool() const { return static_cast<bool>(set_); }
  /// [] of a single number
  [[nodiscard]] const std::vector<std::size_t>& shape() const { return shape_; }
  [[nodiscard]] std::size_t rows() const { return shape_.empty() ? 1 : shape_.front(); }
  /// Numbers in a row.
  [[nodiscard]] std::size_t width() const;

  /// True where it was declared, and nothing of it written.
  [[nodiscard]] bool hollow() const;

  /// \throws Error{data}  over 2²⁶ numbers, damaged, no such row
  [[nodiscard]] std::vector<double> row(std::size_t index);
  /// \throws Error{data}  as above
  [[nodiscard]] std::vector<double> all();

  /// The names of an enumeration's values; none where the numbers have no names.
  [[nodiscard]] std::map<std::int64_t, std::string> names() const;

  /// A number that the data set has as an attribute.
  [[nodiscard]] std::optional<double> attribute(const std::string& name) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;

  std::string where_;
  Hdf5Handle set_;
  std::vector<std::size_t> shape_;
};

}  // namespace twin::formats
