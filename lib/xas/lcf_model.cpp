// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_model.h"

#include <algorithm>
#include <array>
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

// Weights of four neighbours of \p at, from index \p first, by Lagrange.
std::array<double, 4> local_cubic(const VectorXd& x, double at, Index& hint, Index& first) {
  const Index last = x.size() - 2;
  while (hint < last && x[hint + 1] <= at) ++hint;
  while (hint > 0 && x[hint] > at) --hint;
  first = std::clamp<Index>(hint - 1, 0, x.size() - 4);
  at = std::clamp(at, x[0], x[x.size() - 1]);
  std::array<double, 4> weight{};
  for (Index i = 0; i < 4; ++i) {
    double product = 1;
    for (Index j = 0; j < 4; ++j)
      if (j != i) product *= (at - x[first + j]) / (x[first + i] - x[first + j]);
    weight[static_cast<std::size_t>(i)] = product;
  }
  return weight;
}

// The part of a grid that matters; four points at least.
VectorXd around(const VectorXd& x, double from, double to) {
  const auto* begin = x.data();
  const auto* end = begin + x.size();
  Index first = std::lower_bound(begin, end, from) - begin;
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

double BandedRows::squares() const {
  double sum = 0;
  for (const VectorXd& row : values) sum += row.squaredNorm();
  return sum;
}

BandedRows BandedRows::differences(const VectorXd& over) const {
  BandedRows out;
  for (std::size_t i = 0; i + 2 < values.size(); ++i) {
    const Index begin = std::min(first[i], first[i + 2]);
    const Index end = std::max(first[i] + values[i].size(), first[i + 2] + values[i + 2].size());
    const double scale = over[static_cast<Index>(i)];
    VectorXd row = VectorXd::Zero(end - begin);
    row.segment(first[i + 2] - begin, values[i + 2].size()) += scale * values[i + 2];
    row.segment(first[i] - begin, values[i].size()) -= scale * values[i];
    out.first.push_back(begin);
    out.values.push_back(std::move(row));
  }
  return out;
}

MatrixXd BandedRows::transposed_times(const MatrixXd& in, Index columns) const {
  MatrixXd out = MatrixXd::Zero(columns, in.cols());
  for (std::size_t i = 0; i < values.size(); ++i)
    out.middleRows(first[i], values[i].size()) += values[i] * in.row(static_cast<Index>(i));
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
    grids_.push_back(around(x, from - margin, to + margin));
    splines_.emplace_back(x, standard.norm);
    spacing = std::min(spacing, smallest_spacing(x, from, to));
  }
  const auto n = static_cast<Index>(standards.size());
  value = by_shift = by_variance = MatrixXd::Zero(energy.size(), n);
  if (!broadened) return;
  step_ = std::clamp(spacing, 0.1, 0.5);
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

VectorXd LcfBasis::kernel(double variance) const {
  const double t = variance / (step_ * step_);
  const auto width = t > 0 ? std::min<Index>(static_cast<Index>(std::ceil(5 * std::sqrt(t))) + 3,
                                             std::max<Index>(1, (uniform_.size() - 1) / 2))
                           : Index{1};
  VectorXd out = VectorXd::Zero(2 * width + 1);
  if (t <= 0) {  // the linear continuation
    out << 0.5 * t, 1 - t, 0.5 * t;
    return out;
  }
  const VectorXd half = scaled_bessel(t, width);
  out.tail(width + 1) = half;
  out.head(width + 1) = half.reverse();
  return out;
}

MatrixXd LcfBasis::convolved(double variance) const {
  const VectorXd weights = kernel(variance);
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

void LcfBasis::convolve(double variance) {
  const Index n = value.cols(), points = uniform_.size();
  MatrixXd curves(points, 2 * n);
  curves.leftCols(n) = convolved(variance);
  const MatrixXd base = variance > 0 ? MatrixXd(curves.leftCols(n)) : sampled_;
  curves.rightCols(n).setZero();
  curves.block(1, n, points - 2, n) =
      (base.topRows(points - 2) - 2 * base.middleRows(1, points - 2) +
       base.bottomRows(points - 2)) /
      (2 * step_ * step_);
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

BandedRows LcfBasis::response(Index j, double shift, double variance) const {
  const VectorXd& x = grids_[static_cast<std::size_t>(j)];
  const VectorXd weights = broadened_ ? kernel(variance) : VectorXd::Ones(1);
  const Index width = (weights.size() - 1) / 2;
  const double reach = static_cast<double>(width) * step_;
  BandedRows out;
  Index low = 0, high = 0, begin = 0, end = 0;
  for (Index i = 0; i < energy_.size(); ++i) {
    const double centre = energy_[i] - shift;
    static_cast<void>(local_cubic(x, centre - reach, low, begin));
    static_cast<void>(local_cubic(x, centre + reach, high, end));
    VectorXd row = VectorXd::Zero(end + 4 - begin);
    Index hint = low, first = 0;
    for (Index m = -width; m <= width; ++m) {
      const auto four = local_cubic(x, centre + static_cast<double>(m) * step_, hint, first);
      for (Index c = 0; c < 4; ++c)
        row[first - begin + c] += weights[m + width] * four[static_cast<std::size_t>(c)];
    }
    out.first.push_back(begin);
    out.values.push_back(std::move(row));
  }
  return out;
}

}  // namespace twin::xas
