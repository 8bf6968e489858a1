// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/carry.h"

#include <algorithm>
#include <cmath>

#include "match/estimate.h"
#include "match/residual.h"

namespace twin::match {

namespace {

constexpr double forgetting = 1.5;  ///< of the variance, a record

/// The widest that a parameter may be believed to be.
double widest(const record::FreeParameter& parameter, double range) {
  return parameter.prior_sigma.value_or(range / 3);
}

}  // namespace

record::Model carried(record::Model model, const Belief& belief) {
  const Eigen::VectorXd range = ranges(model);
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    auto& parameter = model.free[k];
    const auto known = belief.parameters.find(parameter.name);
    if (known == belief.parameters.end()) continue;
    const double most = widest(parameter, range[static_cast<Eigen::Index>(k)]);
    parameter.value = known->second.mean;
    if (parameter.upper > parameter.lower)
      parameter.value = std::clamp(parameter.value, parameter.lower, parameter.upper);
    parameter.prior_mean = parameter.value;
    parameter.prior_sigma = std::min(most, std::sqrt(forgetting) * known->second.sigma);
  }
  return model;
}

Belief learned(const record::Result& measured, const record::Model& model,
               const record::Evaluation& run) {
  Belief out;
  const Eigen::VectorXd range = ranges(model);
  Eigen::VectorXd at = parameters_of(run, model), sigma(at.size());
  for (Eigen::Index k = 0; k < at.size(); ++k)
    sigma[k] = widest(model.free[static_cast<std::size_t>(k)], range[k]);
  const auto names = pair_up(measured, run, model).fitted;
  const auto jacobian = jacobian_of(run.jacobian, names, model);
  if (jacobian && !names.empty() && at.size() > 0) {
    const Difference d = difference(measured, run, model, names);
    const Eigen::MatrixXd v = d.covariance();
    at += propose(at, d.residual(), *jacobian, v, model, 1.0).step;
    sigma = parameter_covariance(information(*jacobian, v, model)).diagonal().cwiseSqrt();
  }
  for (Eigen::Index k = 0; k < at.size(); ++k)
    out.parameters[model.free[static_cast<std::size_t>(k)].name] = {at[k], sigma[k]};
  return out;
}

}  // namespace twin::match
