// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double margin = 4.0;  // eV on both sides for the widest kernel in use

// e^{-t} I_n(t), n = 0 .. width, by Miller's downward recurrence, scaled to the sum of one.
VectorXd scaled_bessel(double t, Index width) {
  VectorXd out = VectorXd::Zero(width + 1);
  if (t < 1e-12) {
    out[0] = 1;
    return out;
  }
  double above = 0, here = 1e-280, sum = 0;
  for (Index n = width + 20; n >= 0; --n) {
    if (n <= width) out[n] = here;
    sum += n > 0 ? 2 * here : here;
    const double below = above + 2 * static_cast<double>(n) / t * here;
    above = here;
    here = below;
    if (here > 1e200) {  // keeps clear of overflow at small t
      here *= 1e-200, above *= 1e-200, sum *= 1e-200;
      out *= 1e-200;
    }
  }
  return out / sum;
}

// Weights of four neighbours of \p at, from index \p first, by Lagrange; and their derivatives.
struct LocalCubic {
  Index first = 0;
  Eigen::Vector4d weight, slope;
};

LocalCubic local_cubic(const VectorXd& x, double at, Index& hint) {
  const Index last = x.size() - 2;
  while (hint < last && x[hint + 1] <= at) ++hint;
  while (hint > 0 && x[hint] > at) --hint;
  LocalCubic out;
  out.first = std::clamp<Index>(hint - 1, 0, x.size() - 4);
  at = std::clamp(at, x[0], x[x.size() - 1]);
  const Eigen::Vector4d node = x.segment<4>(out.first), d = at - node.array();
  const double ab = d[0] * d[1], cd = d[2] * d[3], a_b = d[0] + d[1], c_d = d[2] + d[3];
  const Eigen::Vector4d product(d[1] * cd, d[0] * cd, ab * d[3], ab * d[2]);
  const Eigen::Vector4d rate(cd + d[1] * c_d, cd + d[0] * c_d, ab + d[3] * a_b, ab + d[2] * a_b);
  const double h01 = node[0] - node[1], h02 = node[0] - node[2], h03 = node[0] - node[3],
               h12 = node[1] - node[2], h13 = node[1] - node[3], h23 = node[2] - node[3];
  const Eigen::Vector4d below(h01 * h02 * h03, -h01 * h12 * h13, h02 * h12 * h23, -h03 * h13 * h23);
  out.weight = product.cwiseQuotient(below);
  out.slope = rate.cwiseQuotient(below);
  return out;
}

// The part of a grid that matters; four points at least.
VectorXd around(const VectorXd& x, double from, double to, Index& first) {
  const auto* begin = x.data();
  const auto* end = begin + x.size();
  first = std::lower_bound(begin, end, from) - begin;
  Index last = std::upper_bound(begin, end, to) - begin;
  first = std::min(first, x.size() - 4);
  last = std::max(last, first + 4);
  return x.segment(first, last - first);
}

double smallest_spacing(const VectorXd& x, double from, double to) {
  double least = 1.0;
  for (Index i = 1; i < x.size(); ++i)
    if (x[i] > from && x[i] < to) least = std::min(least, x[i] - x[i - 1]);
  return least;
}

}  // namespace

Eigen::Matrix3d LcfResponse::moments() const {
  Eigen::Matrix3d sum = Eigen::Matrix3d::Zero();
  for (const Eigen::MatrixX3d& row : rows) sum.noalias() += row.transpose() * row;
  return sum;
}

void LcfResponse::scale(const VectorXd& factor) {
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] *= factor[static_cast<Index>(i)];
}

LcfResponse LcfResponse::differences() const {
  LcfResponse out;
  out.from = from;
  out.points = points;
  for (std::size_t i = 0; i + 2 < rows.size(); ++i) {
    const Index begin = std::min(first[i], first[i + 2]);
    const Index end = std::max(first[i] + rows[i].rows(), first[i + 2] + rows[i + 2].rows());
    Eigen::MatrixX3d row = Eigen::MatrixX3d::Zero(end - begin, 3);
    row.middleRows(first[i + 2] - begin, rows[i + 2].rows()) += rows[i + 2];
    row.middleRows(first[i] - begin, rows[i].rows()) -= rows[i];
    out.first.push_back(begin);
    out.rows.push_back(std::move(row));
  }
  return out;
}

MatrixXd LcfResponse::times(const MatrixXd& in) const {
  MatrixXd out(static_cast<Index>(rows.size()), in.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.row(static_cast<Index>(i)) =
        rows[i].col(0).transpose() * in.middleRows(first[i], rows[i].rows());
  return out;
}

MatrixXd LcfResponse::transposed_times(const MatrixXd& in) const {
  MatrixXd out = MatrixXd::Zero(points, in.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.middleRows(first[i], rows[i].rows()) += rows[i].col(0) * in.row(static_cast<Index>(i));
  return out;
}

LcfBasis::LcfBasis(const VectorXd& energy, const std::vector<LcfStandard>& standards, double reach,
                   bool broadened)
    : energy_(energy), broadened_(broadened) {
  const double from = energy[0] - reach, to = energy[energy.size() - 1] + reach;
  double spacing = 0.5;
  for (const LcfStandard& standard : standards) {
    const VectorXd& x = standard.energy;
    if (x[0] > from || x[x.size() - 1] < to)
      throw Error(Cause::data, "standard " + standard.name + ": energies from " + shortest(x[0]) +
                                   " to " + shortest(x[x.size() - 1]) + " eV; the fit needs " +
                                   shortest(from) + " to " + shortest(to) + " eV");
    from_.push_back(0);
    grids_.push_back(around(x, from - margin, to + margin, from_.back()));
    splines_.emplace_back(x, standard.norm);
    spacing = std::min(spacing, smallest_spacing(x, from, to));
  }
  const auto n = static_cast<Index>(standards.size());
  value = by_shift = by_variance = MatrixXd::Zero(energy.size(), n);
  if (!broadened) return;
  step_ = std::clamp(spacing, 0.15, 0.5);
  const auto points = static_cast<Index>(std::ceil((to - from + 2 * margin) / step_)) + 1;
  uniform_ = VectorXd::LinSpaced(points, from - margin,
                                 from - margin + step_ * static_cast<double>(points - 1));
  sampled_.resize(points, n);
  for (Index j = 0; j < n; ++j) {
    Index hint = 0;
    double slope = 0;
    const auto& spline = splines_[static_cast<std::size_t>(j)];
    for (Index i = 0; i < points; ++i)
      spline.evaluate(std::clamp(uniform_[i], spline.front(), spline.back()), hint, &sampled_(i, j),
                      &slope);
  }
}

LcfBasis::Kernel LcfBasis::kernel(double variance) const {
  const double unit = step_ * step_, t = std::max(variance, continued) / unit;
  const auto width = std::min<Index>(static_cast<Index>(std::ceil(5 * std::sqrt(t))) + 4,
                                     std::max<Index>(2, (uniform_.size() - 1) / 2));
  const auto whole = [&](double at) {
    VectorXd out = VectorXd::Zero(2 * width + 1);
    const VectorXd half = scaled_bessel(at, width);
    out.tail(width + 1) = half;
    out.head(width + 1) = half.reverse();
    return out;
  };
  // Bends are half the second difference: of the kernel itself, below zero of one that is wide
  // enough to keep noise out of them.
  const VectorXd base = whole((variance > 0 ? variance : continued) / unit);
  Kernel out{base, VectorXd::Zero(2 * width + 1)};
  const Index n = base.size();
  out.by_variance.segment(1, n - 2) =
      (base.head(n - 2) - 2 * base.segment(1, n - 2) + base.tail(n - 2)) / (2 * unit);
  if (variance <= 0) out.weights = VectorXd::Unit(n, width) + variance * out.by_variance;
  return out;
}

MatrixXd LcfBasis::convolved(const VectorXd& weights) const {
  const Index width = (weights.size() - 1) / 2, n = sampled_.rows();
  MatrixXd padded(n + 2 * width, sampled_.cols());  // the ends go on as they are
  padded.topRows(width) = sampled_.row(0).replicate(width, 1);
  padded.middleRows(width, n) = sampled_;
  padded.bottomRows(width) = sampled_.row(n - 1).replicate(width, 1);
  MatrixXd out = weights[0] * padded.topRows(n);
  for (Index i = 1; i < weights.size(); ++i) out += weights[i] * padded.middleRows(i, n);
  return out;
}

void LcfBasis::evaluate(double shift, double variance) {
  if (evaluated_ && shift == last_shift_ && variance == last_variance_) return;
  if (broadened_) {
    if (!curves_ || variance != last_variance_) convolve(variance);
    evaluate_broadened(shift);
  } else {
    evaluate_splines(shift);
  }
  last_shift_ = shift;
  last_variance_ = variance;
  evaluated_ = true;
}

void LcfBasis::evaluate_splines(double shift) {
  for (Index j = 0; j < value.cols(); ++j) {
    Index hint = 0;
    for (Index i = 0; i < energy_.size(); ++i)
      splines_[static_cast<std::size_t>(j)].evaluate(energy_[i] - shift, hint, &value(i, j),
                                                     &by_shift(i, j));
  }
  by_shift = -by_shift;
}

// As kernel() has it, with one convolution: bends are half the second difference of what it gives.
void LcfBasis::convolve(double variance) {
  const Index n = value.cols(), inner = uniform_.size() - 2;
  const MatrixXd base = convolved(kernel(variance > 0 ? variance : continued).weights);
  MatrixXd curves = MatrixXd::Zero(uniform_.size(), 2 * n);
  curves.block(1, n, inner, n) =
      (base.topRows(inner) - 2 * base.middleRows(1, inner) + base.bottomRows(inner)) /
      (2 * step_ * step_);
  curves.leftCols(n) = variance > 0 ? base : MatrixXd(sampled_ + variance * curves.rightCols(n));
  curves_.emplace(uniform_, curves);
}

void LcfBasis::evaluate_broadened(double shift) {
  const Index n = value.cols();
  VectorXd at(2 * n), slope(2 * n);
  Index hint = 0;
  for (Index i = 0; i < energy_.size(); ++i) {
    curves_->evaluate(energy_[i] - shift, hint, at.data(), slope.data());
    value.row(i) = at.head(n);
    by_shift.row(i) = -slope.head(n);
    by_variance.row(i) = at.tail(n);
  }
}

LcfResponse LcfBasis::response(Index j, double shift, double variance) const {
  const VectorXd& x = grids_[static_cast<std::size_t>(j)];
  const Kernel by = broadened_ ? kernel(variance) : Kernel{VectorXd::Ones(1), VectorXd::Zero(1)};
  const Index width = (by.weights.size() - 1) / 2;
  const double reach = static_cast<double>(width) * step_;
  LcfResponse out;
  out.from = from_[static_cast<std::size_t>(j)];
  out.points = x.size();
  Index low = 0, high = 0;
  for (Index i = 0; i < energy_.size(); ++i) {
    const double centre = energy_[i] - shift;
    const Index begin = local_cubic(x, centre - reach, low).first;
    const Index end = local_cubic(x, centre + reach, high).first + 4;
    Eigen::MatrixX3d row = Eigen::MatrixX3d::Zero(end - begin, 3);
    Index hint = low;
    for (Index m = 0; m < by.weights.size(); ++m) {
      const LocalCubic four = local_cubic(x, centre + static_cast<double>(m - width) * step_, hint);
      auto part = row.middleRows<4>(four.first - begin);
      part.col(0) += by.weights[m] * four.weight;
      part.col(1) -= by.weights[m] * four.slope;
      part.col(2) += by.by_variance[m] * four.weight;
    }
    out.first.push_back(begin);
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace twin::xas
