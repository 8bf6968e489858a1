// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5_rows.h"

namespace twin::formats {

/// Element of H5MD: a data set, or a group with `value` and the steps and times of its rows.
class H5mdElement {
 public:
  /// What is at \p path of \p tree, which must stay; nothing where there is none.
  H5mdElement(Hdf5Tree& tree, const std::string& path);

  explicit operator bool() const { return static_cast<bool>(value_); }
  [[nodiscard]] bool in_time() const { return in_time_; }
  [[nodiscard]] Hdf5Rows& value() { return value_; }
  [[nodiscard]] std::size_t rows() const { return value_.rows(); }
  /// A row's numbers: of any row the same where it is not in time.
  [[nodiscard]] std::vector<double> at(std::size_t row);
  /// The shape of a row.
  [[nodiscard]] std::vector<std::size_t> shape() const;
  /// Text of the attribute `unit` of its numbers; "" where there is none.
  [[nodiscard]] const std::string& unit() const { return unit_; }

  [[nodiscard]] std::optional<std::int64_t> step(std::size_t row) const;
  [[nodiscard]] std::optional<double> time_ps(std::size_t row) const;

 private:
  /// Explicit, or from 0 on by so much.
  struct Axis {
    std::vector<double> values;
    std::optional<double> increment;
    double offset = 0.0;
    [[nodiscard]] std::optional<double> at(std::size_t row) const;
  };
  static Axis axis(Hdf5Tree& tree, const std::string& path);

  bool in_time_;
  Hdf5Rows value_;
  std::string unit_;
  Axis step_, time_;
  std::optional<double> ps_;  ///< of the unit of time
};

}  // namespace twin::formats
