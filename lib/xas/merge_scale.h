// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "xas/merge.h"

/// Scans of the same brought to one grid and one scale: the first half of merge().
namespace twin::xas {

/// A scan on the common grid, where it reaches.
struct Column {
  std::size_t index = 0;  ///< in the order given
  Eigen::Index from = 0, count = 0;
  Eigen::VectorXd raw, y;  ///< [count] as measured, and brought to the mean's scale
  double factor = 1, offset = 0, slope = 0;  ///< raw = factor y + offset + slope x
  double noise = 0, weight = 1;

  [[nodiscard]] bool reaches(Eigen::Index i) const { return i >= from && i < from + count; }
};

/// The middle of some values, or the mean of the two in the middle.
[[nodiscard]] double median(std::vector<double> values);

/// The scan at the points of \p grid [n] that it reaches, by a cubic spline unless they are its own
/// to a thousandth of a step. \param index  its place in the order given
[[nodiscard]] Column on_grid(const Eigen::VectorXd& grid, const Repeat& scan, std::size_t index);

/// [n] the median of the columns' y at each point; 0 where none reaches.
[[nodiscard]] Eigen::VectorXd median_of(const std::vector<Column>& columns, Eigen::Index n);

/// Brings all columns to the scale of their median, which is returned: raw ≈ factor · median +
/// offset + slope x by least squares, twice; the start, mean 0 and variance 1 over the part that
/// all reach, asks no scan first.  \param x  [n] of the grid, -1/2 to 1/2
[[nodiscard]] Eigen::VectorXd agree(std::vector<Column>& columns, const Eigen::VectorXd& x);

}  // namespace twin::xas
