// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/running_basis.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace twin::steer {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double memory = 0.95;  // of the directions: twenty curves
constexpr std::size_t most_recent = 20;
constexpr double most_leverage = 100;  // of a curve: one at ten spreads has 5 of twenty
constexpr double far_alone = 100;      // of distances², over their median

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// What curves [n × p] are without those that are far from all: medians of bins; where they drift,
/// the line through the medians of the first and of the last third along \p covariates.
MatrixXd resistant(const MatrixXd& x, const ArrayXd& covariates, Drift drift) {
  const Index n = x.rows(), third = n / 3;
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](Index k) { return covariates[k]; });
  const auto of = [&](Index from, Index count, const auto& value) {
    std::vector<double> values;
    for (Index k = from; k < from + count; ++k)
      values.push_back(value(order[static_cast<std::size_t>(k)]));
    return median(std::move(values));
  };
  const auto at = [&](Index k) { return covariates[k]; };
  const double across = of(n - third, third, at) - of(0, third, at);
  MatrixXd out(n, x.cols());
  for (Index i = 0; i < x.cols(); ++i) {
    const auto value = [&](Index k) { return x(k, i); };
    double slope = 0;
    if (drift == Drift::linear && across > 0)
      slope = (of(n - third, third, value) - of(0, third, value)) / across;
    const double level = of(0, n, [&](Index k) { return x(k, i) - slope * covariates[k]; });
    for (Index k = 0; k < n; ++k) out(k, i) = level + slope * covariates[k];
  }
  return out;
}

/// Of what scatters nowhere: a millionth of the typical variance, else what rounding makes.
ArrayXd above_nothing(ArrayXd variance) {
  VectorXd sorted = variance.matrix();
  std::ranges::sort(sorted);
  const double typical = sorted[sorted.size() / 2];
  const double least = typical > 0 ? 1e-6 * typical : sorted[sorted.size() - 1];
  return variance.max(least > 0 ? least : 1.0);
}

/// Variances [p] of \p dof degrees of freedom each: their logarithms drawn to the mean over nine
/// neighbours by what chance makes of their distances from it.
ArrayXd pooled(const ArrayXd& variance, double dof) {
  const ArrayXd logs = above_nothing(variance).log();
  const Index p = logs.size(), reach = 4;
  ArrayXd local(p);
  for (Index i = 0; i < p; ++i) {
    const Index from = std::max<Index>(0, i - reach), to = std::min(p - 1, i + reach);
    local[i] = logs.segment(from, to - from + 1).mean();
  }
  // Variance and mean of log(χ²/dof), to the second order in 1/dof.
  const double half = dof / 2, chance = 1 / half + 1 / (2 * half * half);
  const double found = (logs - local).square().mean();
  const double own = found > 0 ? std::clamp(1 - chance / found, 0.0, 1.0) : 0.0;
  return (local + own * (logs - local) + 1 / dof + 1 / (3 * dof * dof)).exp();
}

/// Parzen's window: 1 at 0, 0 from 1 on; what is a covariance remains one.
double window(double x) {
  if (x >= 1) return 0;
  return x > 0.5 ? 2 * std::pow(1 - x, 3) : 1 - 6 * x * x * (1 - x);
}

/// A^-1/2 [p × p] of correlations that depend on the distance of bins alone, pooled over bins and
/// curves: of noise that is smooth along the curve, or interpolated. \param z  [n × p] scaled
MatrixXd of_neighbours(const MatrixXd& z, double dof) {
  const Index p = z.cols();
  const auto bins = static_cast<double>(p);
  VectorXd by(p);  // distance
  for (Index l = 0; l < p; ++l)
    by[l] = window(2 * static_cast<double>(l) / bins) / (dof * bins) *
            z.leftCols(p - l).cwiseProduct(z.rightCols(p - l)).sum();
  MatrixXd all(p, p);
  for (Index a = 0; a < p; ++a)
    for (Index b = 0; b < p; ++b) all(a, b) = by[std::abs(a - b)];
  const Eigen::SelfAdjointEigenSolver<MatrixXd> found(all);
  const VectorXd values = found.eigenvalues().cwiseMax(0.02 * found.eigenvalues().mean());
  return found.eigenvectors() * values.cwiseSqrt().cwiseInverse().asDiagonal() *
         found.eigenvectors().transpose();
}

/// The same of single directions along the whole curve, as a scale or a shift of its axis makes
/// them: whose variance stands above what chance makes of so few curves.
MatrixXd of_spikes(const MatrixXd& z, double dof) {
  const Index p = z.cols();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> found(MatrixXd(z.transpose() * z / dof));
  const double gamma = static_cast<double>(p) / dof, edge = 1.1 * std::pow(1 + std::sqrt(gamma), 2);
  const Index most = std::min<Index>(p / 4, static_cast<Index>(dof / 3));
  // The variance of all other directions: the sum of all is the trace.
  double other = found.eigenvalues().mean();
  std::vector<double> spikes;  // true variances, over that of the others
  for (int pass = 0; pass < 5; ++pass) {
    spikes.clear();
    double sum = 0;
    for (Index i = 0; i < most; ++i) {
      const double seen = found.eigenvalues()[p - 1 - i] / other;
      if (seen < edge) break;
      const double b = seen + 1 - gamma;
      spikes.push_back((b + std::sqrt(b * b - 4 * seen)) / 2);
      sum += spikes.back();
    }
    other = found.eigenvalues().sum() / (static_cast<double>(p - std::ssize(spikes)) + sum);
  }
  MatrixXd out = MatrixXd::Identity(p, p);
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    // The direction seen is the true one but for an angle: cos².
    const double off = spikes[i] - 1;
    const double cosine2 = std::max(0.0, (1 - gamma / (off * off)) / (1 + gamma / off));
    const double along = spikes[i] * cosine2 + 1 - cosine2;
    const auto v = found.eigenvectors().col(p - 1 - static_cast<Index>(i));
    out += (1 / std::sqrt(along) - 1) * v * v.transpose();
  }
  return out / std::sqrt(other);
}

}  // namespace

MatrixXd whitening_of(const MatrixXd& residuals, double parameters) {
  const double dof = static_cast<double>(residuals.rows()) - parameters;
  const ArrayXd variance = residuals.array().square().colwise().sum().transpose() / dof;
  const VectorXd inverse = pooled(variance, dof).rsqrt();
  const MatrixXd z = residuals * inverse.asDiagonal();
  const MatrixXd near = of_neighbours(z, dof);
  return of_spikes(z * near, dof) * near * inverse.asDiagonal();
}

VectorXd RunningBasis::regressors(double covariate) const {
  if (settings_.drift == Drift::none) return VectorXd::Ones(1);
  return Eigen::Vector2d(1, (covariate - center_) / scale_);
}

/// Recursive: by those before, over what one curve and their mean scatter together.
VectorXd RunningBasis::residual(const VectorXd& bins, double covariate) const {
  const VectorXd g = regressors(covariate);
  const VectorXd by = squares_.completeOrthogonalDecomposition().solve(g);
  return (whitening_ * bins - products_.transpose() * by) / std::sqrt(1 + g.dot(by));
}

std::optional<Scores> RunningBasis::scores(const VectorXd& bins, double covariate) const {
  if (learning() || bins.size() != whitening_.cols() || !std::isfinite(covariate))
    return std::nullopt;
  const VectorXd r = residual(bins, covariate);
  Scores out{directions_.transpose() * r, 0.0};
  const double nu = static_cast<double>(r.size() - directions_.cols());
  const double q = std::max(0.0, r.squaredNorm() - out.along.squaredNorm());
  out.rest = 3 * std::sqrt(nu / 2) * (std::cbrt(q / nu) - 1 + 2 / (9 * nu));
  if (!out.along.allFinite() || !std::isfinite(out.rest)) return std::nullopt;
  return out;
}

void RunningBasis::take(const VectorXd& bins, double covariate) {
  if (!std::isfinite(covariate) || !bins.allFinite()) return;
  if (learning()) {
    if (!first_.empty() && first_.front().size() != bins.size()) return;
    first_.push_back(bins);
    covariates_.push_back(covariate);
    if (first_.size() >= settings_.learn) leave_out();
    if (first_.size() >= settings_.learn && !far_before_) begin();
    return;
  }
  if (bins.size() != whitening_.cols()) return;
  const bool far = is_far(bins, covariate), before = std::exchange(far_before_, far);
  if (far && !before) {
    far_.emplace(bins, covariate);
    return;
  }
  if (const auto waits = std::exchange(far_, std::nullopt); waits && far)
    learn(waits->first, waits->second);
  learn(bins, covariate);
}

/// Of |r|²: more is far.
double RunningBasis::most() const {
  const auto p = static_cast<double>(whitening_.cols());
  const double typical = recent_.empty() ? p : median({recent_.begin(), recent_.end()});
  return (p + 10 * std::sqrt(2 * p)) * std::max(1.0, typical / p);
}

bool RunningBasis::is_far(const VectorXd& bins, double covariate) const {
  if (learning() || bins.size() != whitening_.cols() || !std::isfinite(covariate)) return false;
  // What lies far outside of all covariates before would alone say what the slope is.
  const VectorXd g = regressors(covariate);
  const double leverage = g.dot(squares_.completeOrthogonalDecomposition().solve(g));
  return !(leverage <= most_leverage) || !(residual(bins, covariate).squaredNorm() <= most());
}

void RunningBasis::learn(const VectorXd& bins, double covariate) {
  VectorXd r = residual(bins, covariate);
  const double square = r.squaredNorm();
  if (!(square < 1e100) || !(regressors(covariate).squaredNorm() < 1e18)) return;
  if (square > most()) r *= std::sqrt(most() / square);
  recent_.push_back(square);
  if (recent_.size() > most_recent) recent_.pop_front();
  scatter_ = memory * scatter_ + r * r.transpose();
  count(whitening_ * bins, covariate);
  turn();
}

void RunningBasis::count(const VectorXd& white, double covariate) {
  const VectorXd g = regressors(covariate);
  squares_ += g * g.transpose();
  products_ += g * white.transpose();
}

/// Of the first: those that are far from all others, and not two in a row. Whether the newest is
/// one of these is not known before the next.
void RunningBasis::leave_out() {
  const auto n = static_cast<Index>(first_.size());
  MatrixXd x(n, first_.front().size());
  for (Index k = 0; k < n; ++k) x.row(k) = first_[static_cast<std::size_t>(k)].transpose();
  const Eigen::Map<const ArrayXd> covariates(covariates_.data(), n);
  const VectorXd distances =
      (x - resistant(x, covariates, settings_.drift)).rowwise().squaredNorm();
  const double limit = far_alone * median({distances.begin(), distances.end()});
  const auto far = [&](Index k) { return k >= 0 && k < n && !(distances[k] <= limit); };
  for (Index k = n - 2; k >= 0; --k) {
    if (!far(k) || far(k - 1) || far(k + 1)) continue;
    first_.erase(first_.begin() + k);
    covariates_.erase(covariates_.begin() + k);
    ++left_out_;
  }
  far_before_ = far(n - 1) && !far(n - 2);
}

void RunningBasis::begin() {
  const auto n = static_cast<Index>(first_.size()), p = first_.front().size();
  const Eigen::Map<const ArrayXd> covariates(covariates_.data(), n);
  center_ = covariates.mean();
  const double spread = std::sqrt((covariates - center_).square().mean());
  // What is read back of a constant may scatter by next to nothing, and be ramped later.
  scale_ = std::max(spread, 1e-3 * covariates.abs().maxCoeff());
  if (!(scale_ > 0)) scale_ = 1.0;
  const Index terms = settings_.drift == Drift::none ? 1 : 2;
  MatrixXd x(n, p), design(n, terms);
  for (Index k = 0; k < n; ++k) {
    x.row(k) = first_[static_cast<std::size_t>(k)].transpose();
    design.row(k) = regressors(covariates[k]).transpose();
  }
  const MatrixXd residuals = x - design * design.completeOrthogonalDecomposition().solve(x);
  // Of curves that are all alike what rounding makes is left.
  const bool scatters = residuals.cwiseAbs().maxCoeff() > 1e-13 * x.cwiseAbs().maxCoeff();
  if (scatters) whitening_ = whitening_of(residuals, static_cast<double>(terms));
  first_.clear();
  covariates_.clear();
  failed_ = !scatters || !whitening_.allFinite();
  if (failed_) return whitening_.resize(0, 0);
  squares_ = design.transpose() * design;
  products_ = design.transpose() * x * whitening_.transpose();
  scatter_ = MatrixXd::Zero(p, p);
  for (Index k = 0; k < n; ++k) {
    const VectorXd r = whitening_ * residuals.row(k).transpose();
    scatter_ = memory * scatter_ + r * r.transpose();
  }
  turn();
}

void RunningBasis::turn() {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> found(scatter_);
  MatrixXd next = found.eigenvectors().rightCols(std::min(settings_.components, scatter_.rows()));
  if (directions_.size() > 0) {
    const Eigen::JacobiSVD<MatrixXd> nearest(next.transpose() * directions_,
                                             Eigen::ComputeFullU | Eigen::ComputeFullV);
    next = next * nearest.matrixU() * nearest.matrixV().transpose();
  }
  directions_ = std::move(next);
}

}  // namespace twin::steer
