// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/spline.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace twin::numeric {

namespace {

void check(const Eigen::VectorXd& x) {
  if (x.size() < 4)
    throw Error(Cause::data, "spline: " + std::to_string(x.size()) + " points; four are needed");
  if (!x.allFinite()) throw Error(Cause::data, "spline: an abscissa is not finite");
  for (Eigen::Index i = 1; i < x.size(); ++i)
    if (!(x[i] > x[i - 1]))
      throw Error(Cause::data, "spline: the abscissae must increase; they do not at point " +
                                   std::to_string(i + 1));
}

}  // namespace

// Inner rows i = 1 .. n-2: h[i-1] m[i-1] + 2 (h[i-1] + h[i]) m[i] + h[i] m[i+1] = 6 (s[i] -
// s[i-1]). Not-a-knot eliminates m[0] = (1 + a) m[1] - a m[2] with a = h[0]/h[1], and likewise at
// the end.
SplineGrid::SplineGrid(const Eigen::VectorXd& x) : x_(x) {
  check(x);
  const Eigen::Index n = x.size(), rows = n - 2;
  h_ = x.tail(n - 1) - x.head(n - 1);
  Eigen::VectorXd diagonal = 2 * (h_.head(rows) + h_.tail(rows));
  lower_ = h_.head(rows);
  upper_ = h_.tail(rows);
  const double a = h_[0] / h_[1], b = h_[n - 2] / h_[n - 3];
  diagonal[0] += h_[0] * (1 + a);
  upper_[0] -= h_[0] * a;
  diagonal[rows - 1] += h_[n - 2] * (1 + b);
  lower_[rows - 1] -= h_[n - 2] * b;
  inverse_.resize(rows);
  inverse_[0] = 1 / diagonal[0];
  for (Eigen::Index i = 1; i < rows; ++i) {
    lower_[i] *= inverse_[i - 1];
    inverse_[i] = 1 / (diagonal[i] - lower_[i] * upper_[i - 1]);
  }
}

Eigen::VectorXd SplineGrid::second_derivatives(const Eigen::VectorXd& y) const {
  const Eigen::Index n = x_.size(), rows = n - 2;
  Eigen::VectorXd m(n);
  double slope = (y[1] - y[0]) / h_[0], before = 0;
  for (Eigen::Index i = 0; i < rows; ++i) {
    const double next = (y[i + 2] - y[i + 1]) / h_[i + 1];
    before = 6 * (next - slope) - (i > 0 ? lower_[i] * before : 0.0);
    m[i + 1] = before;
    slope = next;
  }
  m[rows] *= inverse_[rows - 1];
  for (Eigen::Index i = rows - 1; i > 0; --i)
    m[i] = (m[i] - upper_[i - 1] * m[i + 1]) * inverse_[i - 1];
  m[0] = m[1] + (m[1] - m[2]) * h_[0] / h_[1];
  m[n - 1] = m[n - 2] + (m[n - 2] - m[n - 3]) * h_[n - 2] / h_[n - 3];
  return m;
}

Eigen::Index SplineGrid::interval(double at) const {
  const auto* found = std::upper_bound(x_.data(), x_.data() + x_.size(), at);
  return std::clamp<Eigen::Index>(found - x_.data() - 1, 0, x_.size() - 2);
}

CubicInterpolator::CubicInterpolator(const Eigen::VectorXd& from, const Eigen::VectorXd& to)
    : grid_(from), interval_(static_cast<std::size_t>(to.size())), weights_(to.size(), 4) {
  for (Eigen::Index j = 0; j < to.size(); ++j) {
    const Eigen::Index i = grid_.interval(to[j]);
    const double h = from[i + 1] - from[i], b = (to[j] - from[i]) / h, a = 1 - b;
    interval_[static_cast<std::size_t>(j)] = i;
    weights_.row(j) << a, b, (a * a * a - a) * h * h / 6, (b * b * b - b) * h * h / 6;
  }
}

Eigen::VectorXd CubicInterpolator::operator()(const Eigen::VectorXd& y) const {
  if (y.size() != grid_.x().size())
    throw Error(Cause::internal, "spline: ordinates do not fit the grid");
  const Eigen::VectorXd m = grid_.second_derivatives(y);
  Eigen::VectorXd out(weights_.rows());
  for (Eigen::Index j = 0; j < out.size(); ++j) {
    const Eigen::Index i = interval_[static_cast<std::size_t>(j)];
    out[j] = weights_(j, 0) * y[i] + weights_(j, 1) * y[i + 1] + weights_(j, 2) * m[i] +
             weights_(j, 3) * m[i + 1];
  }
  return out;
}

CubicSpline::CubicSpline(const Eigen::VectorXd& x, const Eigen::MatrixXd& y)
    : x_(x), columns_(y.cols()) {
  const SplineGrid grid(x);
  if (y.rows() != x.size()) throw Error(Cause::internal, "spline: ordinates do not fit the grid");
  const Eigen::Index intervals = x.size() - 1;
  coefficients_.resize(static_cast<std::size_t>(intervals * columns_ * 4));
  for (Eigen::Index c = 0; c < columns_; ++c) {
    const Eigen::VectorXd m = grid.second_derivatives(y.col(c));
    for (Eigen::Index i = 0; i < intervals; ++i) {
      double* out = &coefficients_[static_cast<std::size_t>((i * columns_ + c) * 4)];
      const double h = x[i + 1] - x[i];
      out[0] = y(i, c);
      out[1] = (y(i + 1, c) - y(i, c)) / h - h * (2 * m[i] + m[i + 1]) / 6;
      out[2] = m[i] / 2;
      out[3] = (m[i + 1] - m[i]) / (6 * h);
    }
  }
}

void CubicSpline::evaluate(double at, Eigen::Index& hint, double* value, double* derivative) const {
  const Eigen::Index last = x_.size() - 2;
  Eigen::Index i = std::clamp<Eigen::Index>(hint, 0, last);
  while (i < last && at >= x_[i + 1]) ++i;
  while (i > 0 && at < x_[i]) --i;
  hint = i;
  const double t = at - x_[i];
  const double* c = &coefficients_[static_cast<std::size_t>(i * columns_ * 4)];
  for (Eigen::Index j = 0; j < columns_; ++j, c += 4) {
    value[j] = c[0] + t * (c[1] + t * (c[2] + t * c[3]));
    derivative[j] = c[1] + t * (2 * c[2] + t * 3 * c[3]);
  }
}

Eigen::VectorXd CubicSpline::operator()(double at) const {
  Eigen::VectorXd value(columns_), derivative(columns_);
  Eigen::Index hint = 0;
  evaluate(at, hint, value.data(), derivative.data());
  return value;
}

}  // namespace twin::numeric
