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
  inverse_h_ = h_.cwiseInverse();
  Eigen::VectorXd diagonal = 2 * (h_.head(rows) + h_.tail(rows));
  Eigen::VectorXd lower = h_.head(rows), upper = h_.tail(rows);
  const double a = h_[0] / h_[1], b = h_[n - 2] / h_[n - 3];
  diagonal[0] += h_[0] * (1 + a);
  upper[0] -= h_[0] * a;
  diagonal[rows - 1] += h_[n - 2] * (1 + b);
  lower[rows - 1] -= h_[n - 2] * b;
  factorise(diagonal, lower, upper);
}

void SplineGrid::factorise(const Eigen::VectorXd& diagonal, const Eigen::VectorXd& lower,
                           const Eigen::VectorXd& upper) {
  const Eigen::Index rows = diagonal.size();
  middle_ = rows / 2;
  outward_ = inward_ = Eigen::VectorXd::Zero(rows);
  inverse_.resize(rows);
  for (Eigen::Index i = 0; i < middle_; ++i) {
    if (i > 0) outward_[i] = lower[i] * inverse_[i - 1];
    inverse_[i] = 1 / (diagonal[i] - (i > 0 ? outward_[i] * upper[i - 1] : 0.0));
    inward_[i] = upper[i] * inverse_[i];
  }
  for (Eigen::Index i = rows - 1; i > middle_; --i) {
    if (i < rows - 1) outward_[i] = upper[i] * inverse_[i + 1];
    inverse_[i] = 1 / (diagonal[i] - (i < rows - 1 ? outward_[i] * lower[i + 1] : 0.0));
    inward_[i] = lower[i] * inverse_[i];
  }
  double rest = diagonal[middle_];
  if (middle_ > 0) {
    below_ = lower[middle_] * inverse_[middle_ - 1];
    rest -= below_ * upper[middle_ - 1];
  }
  if (middle_ < rows - 1) {
    above_ = upper[middle_] * inverse_[middle_ + 1];
    rest -= above_ * lower[middle_ + 1];
  }
  inverse_[middle_] = 1 / rest;
}

Eigen::VectorXd SplineGrid::second_derivatives(const Eigen::VectorXd& y) const {
  const Eigen::Index n = x_.size(), rows = n - 2, last = rows - 1;
  const Eigen::VectorXd slope = (y.tail(n - 1) - y.head(n - 1)).cwiseProduct(inverse_h_);
  Eigen::VectorXd m(n);
  auto r = m.segment(1, rows);
  r = 6 * (slope.tail(rows) - slope.head(rows));
  const Eigen::Index low = middle_, high = last - middle_;  // rows of the two chains
  const Eigen::Index both = std::min(low, high);
  double before = 0, after = 0;
  for (Eigen::Index i = 0; i < both; ++i) {
    r[i] = before = r[i] - outward_[i] * before;
    r[last - i] = after = r[last - i] - outward_[last - i] * after;
  }
  for (Eigen::Index i = both; i < low; ++i) r[i] = before = r[i] - outward_[i] * before;
  for (Eigen::Index i = both; i < high; ++i)
    r[last - i] = after = r[last - i] - outward_[last - i] * after;
  const double centre = (r[middle_] - below_ * before - above_ * after) * inverse_[middle_];
  r[middle_] = before = after = centre;
  for (Eigen::Index i = 1; i <= both; ++i) {
    const Eigen::Index down = middle_ - i, up = middle_ + i;
    r[down] = before = r[down] * inverse_[down] - inward_[down] * before;
    r[up] = after = r[up] * inverse_[up] - inward_[up] * after;
  }
  for (Eigen::Index i = middle_ - both - 1; i >= 0; --i)
    r[i] = before = r[i] * inverse_[i] - inward_[i] * before;
  for (Eigen::Index i = middle_ + both + 1; i < rows; ++i)
    r[i] = after = r[i] * inverse_[i] - inward_[i] * after;
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

Eigen::Index CubicSpline::interval(double at, Eigen::Index hint) const {
  const Eigen::Index last = x_.size() - 2;
  Eigen::Index i = std::clamp<Eigen::Index>(hint, 0, last);
  while (i < last && at >= x_[i + 1]) ++i;
  while (i > 0 && at < x_[i]) --i;
  return i;
}

void CubicSpline::evaluate(double at, Eigen::Index& hint, double* value, double* derivative) const {
  hint = interval(at, hint);
  const double t = at - x_[hint];
  const double* c = cubics(hint);
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
