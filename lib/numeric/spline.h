// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

/// Cubic splines through all points, "not-a-knot" at both ends: the third derivative is continuous
/// at the second and at the last but one point, so that a cubic is reproduced exactly. The same
/// interpolant as FITPACK's with s = 0. C. de Boor, A Practical Guide to Splines (1978), ch. IV.
namespace twin::numeric {

/// The tridiagonal system of a grid, factorised once; each set of ordinates then costs O(n).
class SplineGrid {
 public:
  /// \param x  [n] increasing, n ≥ 4
  /// \throws Error{data} fewer than four points, not finite, or not increasing
  explicit SplineGrid(const Eigen::VectorXd& x);

  [[nodiscard]] const Eigen::VectorXd& x() const { return x_; }

  /// [n] second derivatives at the points.  \param y  [n]
  [[nodiscard]] Eigen::VectorXd second_derivatives(const Eigen::VectorXd& y) const;

  /// i such that x[i] ≤ at < x[i+1], held to 0 .. n-2.
  [[nodiscard]] Eigen::Index interval(double at) const;

 private:
  void factorise(const Eigen::VectorXd& diagonal, const Eigen::VectorXd& lower,
                 const Eigen::VectorXd& upper);

  Eigen::VectorXd x_, h_, inverse_h_;
  // The inner rows, eliminated from both ends towards the row in the middle: two chains that do
  // not wait for each other. outward_ is what a row takes from its neighbour on the outer side when
  // it is eliminated, inward_ what its solution takes from the one on the inner side.
  Eigen::Index middle_ = 0;
  Eigen::VectorXd outward_, inward_, inverse_;
  double below_ = 0.0, above_ = 0.0;  // of the row in the middle
};

/// Interpolation from one fixed grid to another: everything but the ordinates is precomputed.
/// Outside of the grid the end polynomials go on.
class CubicInterpolator {
 public:
  CubicInterpolator(const Eigen::VectorXd& from, const Eigen::VectorXd& to);

  /// \param y  [n] ordinates on the grid `from` → [m] on the grid `to`.  O(n + m)
  [[nodiscard]] Eigen::VectorXd operator()(const Eigen::VectorXd& y) const;

 private:
  SplineGrid grid_;
  std::vector<Eigen::Index> interval_;
  Eigen::MatrixX4d weights_;  // of y[i], y[i+1] and the second derivatives there
};

/// Several functions on one grid, with first derivatives.
class CubicSpline {
 public:
  /// \param x  [n] increasing, n ≥ 4; \param y  [n × c] one function a column
  CubicSpline(const Eigen::VectorXd& x, const Eigen::MatrixXd& y);

  [[nodiscard]] Eigen::Index columns() const { return columns_; }
  [[nodiscard]] double front() const { return x_[0]; }
  [[nodiscard]] double back() const { return x_[x_.size() - 1]; }

  /// Value and derivative of each function at one point, each [c]. \p hint is where the search
  /// starts and is left at the interval found: nearly free for points in order.
  void evaluate(double at, Eigen::Index& hint, double* value, double* derivative) const;

  /// The interval of \p at, sought from \p hint: 0 .. n-2.
  [[nodiscard]] Eigen::Index interval(double at, Eigen::Index hint) const;
  /// Its beginning, and its cubics in powers of at - origin: [c][4].
  [[nodiscard]] double origin(Eigen::Index interval) const { return x_[interval]; }
  [[nodiscard]] const double* cubics(Eigen::Index interval) const {
    return &coefficients_[static_cast<std::size_t>(interval * columns_ * 4)];
  }

  /// [c] values at one point.
  [[nodiscard]] Eigen::VectorXd operator()(double at) const;

 private:
  Eigen::VectorXd x_;
  Eigen::Index columns_;
  std::vector<double> coefficients_;  // [n-1][c][4], powers of (at - x[i])
};

}  // namespace twin::numeric
