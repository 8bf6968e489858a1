// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/scores.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace twin::steer {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr Index most_bins = 48;

bool increases(const VectorXd& axis) {
  for (Index i = 1; i < axis.size(); ++i)
    if (!(axis[i] > axis[i - 1])) return false;
  return true;
}

/// ∫ of the straight lines between the points from their first to each of \p edges, which are in
/// order; beyond the ends the curve goes on as it is there.
VectorXd integral(const Curve& curve, const VectorXd& edges) {
  const auto &x = curve.axis, &y = curve.values;
  const Index n = x.size();
  VectorXd out(edges.size());
  double sum = 0;
  Index i = 0;
  for (Index k = 0; k < edges.size(); ++k) {
    const double at = edges[k];
    for (; i + 1 < n && x[i + 1] <= at; ++i) sum += (x[i + 1] - x[i]) * (y[i] + y[i + 1]) / 2;
    const double beyond = at - x[i];
    const double slope = i + 1 < n && beyond > 0 ? (y[i + 1] - y[i]) / (x[i + 1] - x[i]) : 0.0;
    out[k] = sum + beyond * (y[i] + slope * beyond / 2);
  }
  return out;
}

}  // namespace

bool is_whole(const Curve& curve) {
  return curve.axis.size() >= 4 && curve.axis.size() == curve.values.size() &&
         curve.axis.allFinite() && curve.values.allFinite() && increases(curve.axis);
}

TrainedBasis::TrainedBasis(VectorXd axis, const MatrixXd& components)
    : axis_(std::move(axis)), rows_(components) {
  const auto fail = [](const std::string& what) { throw Error(Cause::data, what); };
  if (axis_.size() < 4 || rows_.rows() < 1 || rows_.cols() != axis_.size())
    fail("components of " + std::to_string(rows_.rows()) + " rows of " +
         std::to_string(rows_.cols()) + " points on an axis of " + std::to_string(axis_.size()) +
         "; expected rows of as many points, 4 or more");
  if (!axis_.allFinite() || !rows_.allFinite()) fail("a number of it is missing, or not finite");
  if (!increases(axis_)) fail("its axis does not increase");
  if (rows_.rows() >= rows_.cols()) fail("as many components as points: nothing would be left");
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(MatrixXd(rows_.transpose()));
  if (qr.rank() < rows_.rows()) fail("a component follows from the others");
  // (Q R Pᵀ)⁻¹ of the thin Q: no matrix of points by points.
  const Index k = rows_.rows();
  const MatrixXd thin = qr.householderQ() * MatrixXd::Identity(axis_.size(), k);
  const MatrixXd upper = qr.matrixR().topLeftCorner(k, k);
  inverse_ =
      qr.colsPermutation() * MatrixXd(upper.triangularView<Eigen::Upper>().solve(thin.transpose()));
  if (!inverse_.allFinite()) fail("its components are too small, or too large");
}

bool TrainedBasis::reaches(const Curve& curve) const {
  const Index m = axis_.size(), n = curve.axis.size();
  return n > 0 && curve.axis[0] <= axis_[0] + (axis_[1] - axis_[0]) / 2 &&
         curve.axis[n - 1] >= axis_[m - 1] - (axis_[m - 1] - axis_[m - 2]) / 2;
}

std::optional<Scores> TrainedBasis::operator()(const Curve& curve) {
  if (!is_whole(curve)) throw Error(Cause::data, "a curve that is not whole");
  const Index m = axis_.size(), n = curve.axis.size();
  if (!reaches(curve)) return std::nullopt;
  if (!interpolator_ || from_.size() != n || from_ != curve.axis) {
    from_ = curve.axis;
    interpolator_.emplace(from_, axis_);
  }
  const VectorXd y = (*interpolator_)(curve.values);
  Scores out{inverse_ * y, 0.0};
  out.rest = (y - rows_.transpose() * out.along).norm() / std::sqrt(static_cast<double>(m));
  if (!out.along.allFinite() || !std::isfinite(out.rest)) return std::nullopt;
  return out;
}

Bins::Bins(const Curve& curve, std::optional<std::pair<double, double>> range, Index least) {
  if (!is_whole(curve)) throw Error(Cause::data, "a curve that is not whole");
  const Index n = curve.axis.size();
  const auto [low, high] = range.value_or(std::pair(curve.axis[0], curve.axis[n - 1]));
  Index points = 0;
  double widest = 0;
  for (Index i = 0; i < n; ++i) {
    if (curve.axis[i] >= low && curve.axis[i] <= high) ++points;
    if (i > 0 && curve.axis[i] > low && curve.axis[i - 1] < high)
      widest = std::max(widest, curve.axis[i] - curve.axis[i - 1]);
  }
  // Compared as numbers: a range that is astronomic is no Index.
  const double fills = widest > 0 ? (high - low) / widest : 0;
  count_ = std::min<Index>(most_bins, points / 2);
  if (fills < static_cast<double>(count_)) count_ = static_cast<Index>(fills);
  low_ = low;
  width_ = (high - low) / static_cast<double>(std::max<Index>(1, count_));
  if (count_ < least)
    throw Error(Cause::data, std::to_string(points) + " points within the range fill " +
                                 std::to_string(count_) + " bins; " + std::to_string(least) +
                                 " or more are needed");
  if (!reaches(curve)) throw Error(Cause::data, "it does not reach over the range");
  if (!(*this)(curve)) throw Error(Cause::data, "its numbers are too large for means of them");
}

bool Bins::reaches(const Curve& curve) const {
  const double high = low_ + width_ * static_cast<double>(count_);
  return is_whole(curve) && curve.axis[0] <= low_ + width_ / 2 &&
         curve.axis[curve.axis.size() - 1] >= high - width_ / 2;
}

std::optional<VectorXd> Bins::operator()(const Curve& curve) const {
  if (!reaches(curve)) return std::nullopt;
  const double high = low_ + width_ * static_cast<double>(count_);
  const VectorXd sums = integral(curve, VectorXd::LinSpaced(count_ + 1, low_, high));
  const VectorXd out = (sums.tail(count_) - sums.head(count_)) / width_;
  if (!out.allFinite()) return std::nullopt;
  return out;
}

}  // namespace twin::steer
