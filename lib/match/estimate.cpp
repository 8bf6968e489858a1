// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/estimate.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <vector>

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const record::FreeParameter& parameter(const record::Model& model, Index k) {
  return model.free[static_cast<std::size_t>(k)];
}

/// 1 for a fraction of a phase, 0 for any other parameter.
VectorXd phase_fractions(const record::Model& model) {
  VectorXd out(static_cast<Index>(model.free.size()));
  for (Index k = 0; k < out.size(); ++k)
    out[k] = record::is_phase_fraction(parameter(model, k).name) ? 1 : 0;
  return out;
}

bool has_prior(const record::FreeParameter& p) {
  return p.prior_mean && p.prior_sigma && *p.prior_sigma > 0;
}

/// 1/σ² of each prior, and the weak one of the range.
VectorXd prior_weights(const record::Model& model) {
  VectorXd weights = ranges(model).cwiseAbs2().cwiseInverse();
  for (Index k = 0; k < weights.size(); ++k)
    if (const auto& p = parameter(model, k); has_prior(p))
      weights[k] += std::pow(*p.prior_sigma, -2);
  return weights;
}

/// Solves A d = g for the components that are free to move; the others keep their d.
void solve_free(const MatrixXd& a, const VectorXd& g, const std::vector<bool>& held, VectorXd& d) {
  std::vector<Index> moving;
  for (Index k = 0; k < d.size(); ++k)
    if (!held[static_cast<std::size_t>(k)]) moving.push_back(k);
  if (moving.empty()) return;
  VectorXd rest = g;
  for (Index k = 0; k < d.size(); ++k)
    if (held[static_cast<std::size_t>(k)]) rest -= a.col(k) * d[k];
  const VectorXd part = a(moving, moving).ldlt().solve(rest(moving));
  d(moving) = part;
}

/// The step for one λ: an active set of box sides, each held once it is reached.
VectorXd boxed_step(const VectorXd& at, const MatrixXd& a, const VectorXd& g,
                    const record::Model& model, std::optional<Index> fixed) {
  VectorXd d = VectorXd::Zero(at.size());
  std::vector<bool> held(static_cast<std::size_t>(at.size()), false);
  if (fixed) held[static_cast<std::size_t>(*fixed)] = true;
  for (Index round = 0; round <= at.size(); ++round) {
    solve_free(a, g, held, d);
    bool again = false;
    for (Index k = 0; k < at.size(); ++k) {
      const auto& p = parameter(model, k);
      if (held[static_cast<std::size_t>(k)] || p.upper <= p.lower) continue;
      const double inside = std::clamp(at[k] + d[k], p.lower, p.upper) - at[k];
      if (inside == d[k]) continue;
      d[k] = inside;
      held[static_cast<std::size_t>(k)] = again = true;
    }
    if (!again) break;
  }
  return d;
}

/// The same where fractions of phases leave nothing negative.
VectorXd step_within(const VectorXd& at, const MatrixXd& a, const VectorXd& g,
                     const record::Model& model, std::optional<Index> fixed) {
  constexpr double rounding = 1e-12;
  constexpr int doublings = 100, halvings = 60;
  const VectorXd fractions = phase_fractions(model);
  const auto priced = [&](double price) {
    return boxed_step(at, a, g - price * fractions, model, fixed);
  };
  const auto too_much = [&](const VectorXd& d) { return own_share(at + d, model) < -rounding; };
  VectorXd d = priced(0);
  if (fractions.isZero() || !too_much(d)) return d;
  double low = 0, high = std::max(g.cwiseAbs().maxCoeff(), 1e-12);
  for (int i = 0; i < doublings && too_much(d = priced(high)); ++i) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (too_much(priced(middle)) ? low : high) = middle;
  }
  return priced(high);
}

}  // namespace

double own_share(const VectorXd& parameters, const record::Model& model) {
  double out = 1;
  for (const auto& phase : model.phases)
    if (std::ranges::find(model.free, record::fraction_of(phase.name),
                          &record::FreeParameter::name) == model.free.end())
      out -= phase.fraction;
  return out - phase_fractions(model).dot(parameters);
}

VectorXd kept_to_one(VectorXd parameters, const record::Model& model) {
  if (own_share(parameters, model) >= 0) return parameters;
  const VectorXd fractions = phase_fractions(model);
  VectorXd least = parameters;
  for (Index k = 0; k < least.size(); ++k)
    if (const auto& p = parameter(model, k); fractions[k] > 0)
      least[k] = p.upper > p.lower ? std::min(p.lower, parameters[k]) : 0;
  const VectorXd above = parameters - least;
  const double room = std::max(0.0, own_share(least, model));
  return above.sum() > 0 ? VectorXd(least + above * (room / above.sum())) : parameters;
}

record::Model kept_to_one(record::Model model) {
  VectorXd values(static_cast<Index>(model.free.size()));
  for (Index k = 0; k < values.size(); ++k) values[k] = parameter(model, k).value;
  values = kept_to_one(values, model);
  for (Index k = 0; k < values.size(); ++k)
    model.free[static_cast<std::size_t>(k)].value = values[k];
  return model;
}

VectorXd ranges(const record::Model& model) {
  VectorXd out(static_cast<Index>(model.free.size()));
  for (Index k = 0; k < out.size(); ++k) {
    const auto& p = parameter(model, k);
    const double width = p.upper - p.lower;
    out[k] = width > 0 && std::isfinite(width) ? width : std::max(0.1 * std::abs(p.value), 0.1);
  }
  return out;
}

MatrixXd information(const MatrixXd& jacobian, const MatrixXd& covariance,
                     const record::Model& model) {
  MatrixXd out = prior_weights(model).asDiagonal();
  if (jacobian.rows() > 0) out += jacobian.transpose() * covariance.ldlt().solve(jacobian);
  return out;
}

MatrixXd parameter_covariance(const MatrixXd& information) {
  if (information.size() == 0) return information;  // nothing is free, and Eigen wants a column
  const VectorXd scale = information.diagonal().cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = scale.asDiagonal() * information * scale.asDiagonal();
  return scale.asDiagonal() * scaled.completeOrthogonalDecomposition().pseudoInverse() *
         scale.asDiagonal();
}

PriorMisfit prior_misfit(const VectorXd& parameters, const record::Model& model) {
  PriorMisfit out;
  for (Index k = 0; k < parameters.size(); ++k) {
    const auto& p = parameter(model, k);
    if (!has_prior(p)) continue;
    out.chi2 += std::pow((parameters[k] - *p.prior_mean) / *p.prior_sigma, 2);
    ++out.count;
  }
  return out;
}

Proposal propose(const VectorXd& at, const VectorXd& residual, const MatrixXd& jacobian,
                 const MatrixXd& covariance, const record::Model& model, double radius,
                 std::optional<Index> fixed) {
  MatrixXd a = information(jacobian, covariance, model);
  VectorXd g = VectorXd::Zero(at.size());
  if (jacobian.rows() > 0) g = jacobian.transpose() * covariance.ldlt().solve(residual);
  for (Index k = 0; k < at.size(); ++k)
    if (const auto& p = parameter(model, k); has_prior(p))
      g[k] += (*p.prior_mean - at[k]) / std::pow(*p.prior_sigma, 2);
  const VectorXd limit = radius * ranges(model);
  VectorXd step = step_within(at, a, g, model, fixed);
  for (double lambda = 1e-3; (step.cwiseAbs().array() > limit.array()).any() && lambda < 1e12;
       lambda *= 2) {
    MatrixXd damped = a;
    damped.diagonal() *= 1 + lambda;
    step = step_within(at, damped, g, model, fixed);
  }
  return {step, std::max(0.0, 2 * g.dot(step) - step.dot(a * step))};
}

}  // namespace twin::match
