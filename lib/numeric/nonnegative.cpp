// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/nonnegative.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <vector>

#include "core/error.h"

namespace twin::numeric {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd solve_passive(const MatrixXd& normal, const VectorXd& right,
                       const std::vector<bool>& passive) {
  std::vector<Index> in;
  for (Index i = 0; i < right.size(); ++i)
    if (passive[static_cast<std::size_t>(i)]) in.push_back(i);
  VectorXd out = VectorXd::Zero(right.size());
  if (in.empty()) return out;
  const MatrixXd matrix = normal(in, in);
  const VectorXd side = right(in);
  const VectorXd solved = matrix.ldlt().solve(side);
  out(in) = solved;
  return out;
}

// Towards \p wanted as far as no component falls below zero; those that reach it leave the set.
void step_back(VectorXd& x, const VectorXd& wanted, std::vector<bool>& passive) {
  double length = 1;
  for (Index i = 0; i < x.size(); ++i)
    if (passive[static_cast<std::size_t>(i)] && wanted[i] <= 0)
      length = std::min(length, x[i] / std::max(x[i] - wanted[i], 1e-300));
  x += length * (wanted - x);
  for (Index i = 0; i < x.size(); ++i)
    if (passive[static_cast<std::size_t>(i)] && wanted[i] <= 0 && x[i] <= 1e-14 * x.maxCoeff()) {
      x[i] = 0;
      passive[static_cast<std::size_t>(i)] = false;
    }
}

}  // namespace

VectorXd nonnegative_solve(const MatrixXd& normal, const VectorXd& right) {
  const Index n = right.size();
  if (normal.rows() != n || normal.cols() != n)
    throw Error(Cause::internal, "non-negative solution: the normal matrix does not fit");
  VectorXd x = VectorXd::Zero(n);
  std::vector<bool> passive(static_cast<std::size_t>(n), false);
  const double tolerance = 1e-12 * std::max(right.cwiseAbs().maxCoeff(), 1e-300);
  for (Index turn = 0; turn < 3 * n + 3; ++turn) {
    const VectorXd gradient = right - normal * x;
    Index best = -1;
    for (Index i = 0; i < n; ++i)
      if (!passive[static_cast<std::size_t>(i)] && gradient[i] > tolerance && normal(i, i) > 0 &&
          (best < 0 || gradient[i] > gradient[best]))
        best = i;
    if (best < 0) break;
    passive[static_cast<std::size_t>(best)] = true;
    VectorXd wanted = solve_passive(normal, right, passive);
    for (Index inner = 0; inner <= n && !(wanted.array() >= 0).all(); ++inner) {
      step_back(x, wanted, passive);
      wanted = solve_passive(normal, right, passive);
    }
    if (!wanted.allFinite()) break;
    x = wanted.cwiseMax(0);
  }
  return x;
}

}  // namespace twin::numeric
