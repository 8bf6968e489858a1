// SPDX-License-Identifier: GPL-3.0-or-later
// The samples of a stream made white: see noise.h.
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "steer/noise.h"

namespace twin::steer {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double highest_weight = 1e6;  // σ of a thousandth of the typical one
constexpr double farthest = 1e9;        // in σ, or in spreads of the covariate

}  // namespace

Whitener::Whitener(Noise noise) : noise_(std::move(noise)) { restart(); }

void Whitener::restart() {
  last_ = Eigen::ArrayXd::Constant(noise_.factor.rows(), std::numeric_limits<double>::quiet_NaN());
  last_variance_ = last_covariate_ = last_;
  since_ = Eigen::ArrayXd::Zero(last_.size());
}

White Whitener::operator()(const Sample& sample) {
  const Index m = noise_.factor.rows();
  White out{Eigen::ArrayXd::Zero(m), Eigen::ArrayXd::Zero(m), Eigen::ArrayXd::Zero(m)};
  since_ += std::max(1.0, sample.lag);
  if (!std::isfinite(sample.covariate)) return out;
  const double z = (sample.covariate - noise_.covariate_center) / noise_.covariate_scale;
  VectorXd x(m);
  Index whole = 0;  // coordinates before the first that is missing
  const auto at = [&](Index i) { return noise_.order[static_cast<std::size_t>(i)]; };
  const auto known = [&](Index i) {
    const double c = sample.covariance(at(i), at(i));
    return std::isfinite(sample.value[at(i)]) && (noise_.claimed[i] <= 0 || (c > 0 && c < 1e300));
  };
  while (whole < m && known(whole)) {
    x[whole] = sample.value[at(whole)] - noise_.center[whole];
    ++whole;
  }
  if (whole == 0) return out;
  const auto l = noise_.factor.topLeftCorner(whole, whole).triangularView<Eigen::Lower>();
  VectorXd u = x.head(whole);
  l.solveInPlace(u);
  // What the sample itself claims, in the typical one's coordinates.
  const MatrixXd typical = noise_.factor.topLeftCorner(whole, whole) *
                           noise_.factor.topLeftCorner(whole, whole).transpose();
  VectorXd sigma = typical.diagonal().cwiseSqrt();
  for (Index i = 0; i < whole; ++i)
    if (noise_.claimed[i] > 0)
      sigma[i] = std::sqrt(sample.covariance(at(i), at(i)) * noise_.scale[i]);
  const VectorXd wider = sigma.cwiseQuotient(typical.diagonal().cwiseSqrt());
  MatrixXd c = wider.asDiagonal() * typical * wider.asDiagonal();
  for (Index i = 0; i < whole; ++i)
    for (Index j = 0; j < whole; ++j) {
      const double claim = sample.covariance(at(i), at(j));
      if (i != j && std::isfinite(claim) && claim != 0)
        c(i, j) = claim * std::sqrt(noise_.scale[i] * noise_.scale[j]);
    }
  l.solveInPlace(c);
  MatrixXd turned = c.transpose();
  l.solveInPlace(turned);
  const Eigen::ArrayXd variance = turned.cwiseAbs().rowwise().sum();
  for (Index i = 0; i < whole; ++i) {
    const double ratio = std::sqrt(variance[i] / last_variance_[i]);
    const double phi = std::pow(noise_.phi[i], since_[i]) * ratio;
    const bool fresh = !std::isfinite(last_[i]);
    const double used = fresh ? 0.0 : phi, plain = fresh ? 0.0 : phi / ratio;
    // Of errors that grow from one to the next what is new says little of the mean, or with the
    // other sign: less than a quarter is none. Of errors that shrink it would say more than the
    // sample by itself, if φ were known exactly.
    if (1 - used >= 0.5 * (1 - plain)) {
      const double own = variance[i] * (1 + plain) / (1 - plain);
      out.y[i] = (u[i] - used * (fresh ? 0.0 : last_[i])) / (1 - used);
      out.weight[i] =
          std::min(1 / own, (1 - used) * (1 - used) / (variance[i] * (1 - plain * plain)));
      out.covariate[i] = (z - used * (fresh ? 0.0 : last_covariate_[i])) / (1 - used);
    }
    last_covariate_[i] = z;
    last_[i] = u[i];
    last_variance_[i] = variance[i];
    since_[i] = 0;
  }
  out.weight = out.weight.min(highest_weight);
  // Not finite, or so far from all that is known that sums would not be.
  const auto sound = [](const Eigen::ArrayXd& a) { return (a.abs() <= farthest).all(); };
  if (!sound(out.y) || !sound(out.weight) || !sound(out.covariate)) {
    out.y.setZero();
    out.weight.setZero();
    out.covariate.setZero();
    restart();
  }
  return out;
}

}  // namespace twin::steer
