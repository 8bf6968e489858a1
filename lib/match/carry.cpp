// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/carry.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "match/estimate.h"
#include "match/judge.h"
#include "match/residual.h"

namespace twin::match {

namespace {

constexpr double kept = 2.0 / 3;  ///< of the belief's information, a record

double own_sigma(const record::FreeParameter& parameter, double range) {
  return parameter.prior_sigma.value_or(range / 3);
}

}  // namespace

record::Model carried(record::Model model, const Belief& belief) {
  const Eigen::VectorXd range = ranges(model);
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    auto& parameter = model.free[k];
    const auto known = belief.parameters.find(parameter.name);
    if (known == belief.parameters.end()) continue;
    const auto& [mean, sigma] = known->second;
    const double own = own_sigma(parameter, range[static_cast<Eigen::Index>(k)]);
    const double believed = kept / (sigma * sigma), before = (1 - kept) / (own * own);
    parameter.value =
        (believed * mean + before * parameter.prior_mean.value_or(mean)) / (believed + before);
    if (parameter.upper > parameter.lower)
      parameter.value = std::clamp(parameter.value, parameter.lower, parameter.upper);
    parameter.prior_sigma = 1 / std::sqrt(believed + before);
  }
  model = kept_to_one(std::move(model));
  for (auto& parameter : model.free)
    if (belief.parameters.contains(parameter.name)) parameter.prior_mean = parameter.value;
  return model;
}

record::Verdict predicted(const record::Result& measured, const record::Evaluation& run,
                          const record::Model& model) {
  return judge(measured, run, model, {.confirmed = true, .predicted = true});
}

Belief learned(const record::Result& measured, const record::Model& model,
               const record::Evaluation& run) {
  Belief out;
  const Eigen::VectorXd range = ranges(model);
  Eigen::VectorXd at = parameters_of(run, model), sigma(at.size());
  for (Eigen::Index k = 0; k < at.size(); ++k)
    sigma[k] = own_sigma(model.free[static_cast<std::size_t>(k)], range[k]);
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
