// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/elsewhere.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "match/estimate.h"
#include "match/residual.h"
#include "match/surrogate.h"
#include "numeric/statistics.h"

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int draws = 64, candidates = 256, refinements = 3, near = 48;
constexpr double implausible = 0.01;

/// All runs, whatever they were made for.
std::vector<const record::Evaluation*> all_of(const Survey& s) {
  std::vector<const record::Evaluation*> out;
  for (const auto* some : {&s.trail.runs, &s.apart, &s.trail.at_bounds})
    for (const auto& run : *some) out.push_back(&run);
  return out;
}

/// What the runs say, and the tangent: a point beside the base along each parameter.
Surrogate surrogate_of(const record::Result& measured, const Survey& s, const record::Model& model,
                       const VectorXd& range) {
  const auto runs = all_of(s);
  const auto m = static_cast<Index>(runs.size()), n = static_cast<Index>(s.names.size()),
             p = range.size();
  MatrixXd at(m + p, p), values(m + p, n), variance(m + p, n);
  const auto set = [&](Index row, const record::Evaluation& run) {
    at.row(row) = parameters_of(run, model).cwiseQuotient(range);
    const Difference d = difference(measured, run, model, s.names);
    values.row(row) = d.simulated.transpose();
    variance.row(row) = d.simulation.diagonal().transpose();
  };
  for (Index i = 0; i < m; ++i) set(i, *runs[static_cast<std::size_t>(i)]);
  constexpr double beside = 0.03, slope_error = 0.3;
  const MatrixXd slopes = s.tangent.jacobian * range.asDiagonal();
  const MatrixXd errors =
      (slope_error * slopes).cwiseAbs().cwiseMax(s.tangent.sigma * range.asDiagonal());
  for (Index k = 0; k < p; ++k) {
    set(m + k, s.pooled);
    at(m + k, k) += beside;
    values.row(m + k) += beside * slopes.col(k).transpose();
    variance.row(m + k) += (beside * errors.col(k)).cwiseAbs2().transpose();
  }
  return {at, values, variance, slopes.rowwise().norm()};
}

/// Says of each place what χ² of a run there may be expected to be.
class Chances {
 public:
  Chances(const record::Result& measured, const record::Model& model, const Survey& s)
      : model_(model),
        range_(ranges(model)),
        best_(s.chi2 - s.proposal.decrease),
        surrogate_(surrogate_of(measured, s, model, range_)) {
    const Difference d = difference(measured, s.pooled, model, s.names);
    measured_ = d.measured;
    covariance_ = d.covariance();
    whiten_ = covariance_.llt();
    limit_ = numeric::chi_squared_quantile(
        implausible, std::max(1.0, static_cast<double>(measured_.size() - range_.size() +
                                                       prior_misfit(s.at, model).count)));
    std::mt19937_64 random(static_cast<std::uint64_t>(s.trail.count));
    std::normal_distribution<double> normal;
    normal_.resize(measured_.size(), draws);
    for (double& one : normal_.reshaped()) one = normal(random);
  }

  /// \param at  in units of the ranges
  [[nodiscard]] Place at(const VectorXd& at) const {
    const Surrogate::Prediction expected = surrogate_.predict(at);
    Place out{at.cwiseProduct(range_), 0, 0};
    const double prior = prior_misfit(out.parameters, model_).chi2;
    const VectorXd difference = expected.mean - measured_;
    MatrixXd wider = covariance_;
    wider.diagonal() += expected.variance;
    out.implausibility = difference.dot(wider.llt().solve(difference)) + prior;
    if (!plausible(out)) return out;
    MatrixXd r = expected.variance.cwiseSqrt().asDiagonal() * normal_;
    r.colwise() += difference;
    const MatrixXd white = whiten_.matrixL().solve(r);
    for (Index i = 0; i < draws; ++i)
      out.improvement += std::max(0.0, best_ - white.col(i).squaredNorm() - prior) / draws;
    return out;
  }

  [[nodiscard]] bool plausible(const Place& place) const { return place.implausibility < limit_; }

 private:
  const record::Model& model_;
  VectorXd range_;
  double best_;
  Surrogate surrogate_;
  VectorXd measured_;
  MatrixXd covariance_;
  Eigen::LLT<MatrixXd> whiten_;
  double limit_ = 0;
  MatrixXd normal_;  ///< [n × draws]
};

}  // namespace

std::optional<Place> most_promising(const record::Result& measured, const record::Model& model,
                                    const Survey& s) {
  if (s.names.empty() || model.free.empty()) return std::nullopt;
  for (const auto& parameter : model.free)
    if (parameter.upper <= parameter.lower) return std::nullopt;
  const Chances chances(measured, model, s);
  const VectorXd range = ranges(model);
  VectorXd low(range.size()), high(range.size());
  for (Index k = 0; k < range.size(); ++k) {
    low[k] = model.free[static_cast<std::size_t>(k)].lower / range[k];
    high[k] = model.free[static_cast<std::size_t>(k)].upper / range[k];
  }
  std::mt19937_64 random(static_cast<std::uint64_t>(s.trail.count));
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  std::optional<Place> out;
  double least = std::numeric_limits<double>::infinity();
  VectorXd middle = low;  // of the least implausible, until there is a plausible one
  const auto consider = [&](const VectorXd& candidate) {
    const VectorXd at = kept_to_one(candidate.cwiseProduct(range), model).cwiseQuotient(range);
    Place place = chances.at(at);
    if (!out && place.implausibility < least) {
      least = place.implausibility;
      middle = at;
    }
    if (!chances.plausible(place) || (out && place.improvement <= out->improvement)) return;
    middle = at;
    out = std::move(place);
  };
  VectorXd at(range.size());
  for (int i = 0; i < candidates; ++i) {
    for (Index k = 0; k < at.size(); ++k) at[k] = low[k] + (high[k] - low[k]) * uniform(random);
    consider(at);
  }
  for (double spread = 0.1, round = 0; round < refinements; spread /= 4, ++round) {
    const VectorXd from = middle;
    for (int i = 0; i < near; ++i) {
      for (Index k = 0; k < at.size(); ++k)
        at[k] = std::clamp(from[k] + spread * normal(random), low[k], high[k]);
      consider(at);
    }
  }
  return out;
}

}  // namespace twin::match
