// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/merge_scale.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "numeric/spline.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Points of the same grid, to a thousandth of a step, need no interpolation.
bool same_grid(const VectorXd& grid, const VectorXd& energy, Index from, Index count) {
  if (count != energy.size()) return false;
  for (Index i = 0; i < count; ++i) {
    const Index g = from + i, next = std::min(g + 1, grid.size() - 1);
    const double step = grid[next] - grid[next - 1];
    if (std::abs(energy[i] - grid[g]) > 1e-3 * step) return false;
  }
  return true;
}

// To mean 0 and variance 1 over the part that all reach: a start that asks no scan first.
void standardise(std::vector<Column>& columns) {
  Index from = 0, to = columns.front().from + columns.front().count;
  for (const Column& column : columns) {
    from = std::max(from, column.from);
    to = std::min(to, column.from + column.count);
  }
  for (Column& column : columns) {
    const bool common = to - from >= 20;
    const VectorXd part =
        common ? VectorXd(column.raw.segment(from - column.from, to - from)) : column.raw;
    const double mean = part.mean();
    const double width = std::sqrt((part.array() - mean).square().mean());
    column.y = (column.raw.array() - mean) / (width > 0 ? width : 1);
  }
}

// raw ≈ factor · target + offset + slope x, solved for what is like the target.
void level(Column& column, const VectorXd& x, const VectorXd& target) {
  Eigen::MatrixXd basis(column.count, 3);
  basis.col(0) = target.segment(column.from, column.count);
  basis.col(1).setOnes();
  basis.col(2) = x.segment(column.from, column.count);
  const Eigen::Vector3d c = basis.householderQr().solve(column.raw);
  column.factor = c[0];
  column.offset = c[1];
  column.slope = c[2];
  column.y = (column.raw - c[1] * basis.col(1) - c[2] * basis.col(2)) / c[0];
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Column on_grid(const VectorXd& grid, const Repeat& scan, std::size_t index) {
  const double slack = 1e-3 * (grid[1] - grid[0]);
  const double first = scan.energy[0] - slack, last = scan.energy.tail(1)[0] + slack;
  Column out;
  out.index = index;
  out.from = std::lower_bound(grid.begin(), grid.end(), first) - grid.begin();
  out.count = std::upper_bound(grid.begin(), grid.end(), last) - grid.begin() - out.from;
  if (out.count <= 0) {
    out.count = 0;
    return out;
  }
  if (same_grid(grid, scan.energy, out.from, out.count))
    out.raw = scan.mu;
  else
    out.raw = numeric::CubicInterpolator(scan.energy, grid.segment(out.from, out.count))(scan.mu);
  out.y = out.raw;
  return out;
}

VectorXd median_of(const std::vector<Column>& columns, Index n) {
  VectorXd out = VectorXd::Zero(n);
  std::vector<double> values;
  for (Index i = 0; i < n; ++i) {
    values.clear();
    for (const Column& column : columns)
      if (column.reaches(i)) values.push_back(column.y[i - column.from]);
    if (!values.empty()) out[i] = median(values);
  }
  return out;
}

VectorXd agree(std::vector<Column>& columns, const VectorXd& x) {
  standardise(columns);
  VectorXd out;
  for (int pass = 0; pass < 2; ++pass) {
    out = median_of(columns, x.size());
    for (Column& column : columns) level(column, x, out);
  }
  return out;
}

}  // namespace twin::xas
