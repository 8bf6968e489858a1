// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/survey.h"

#include <Eigen/Cholesky>
#include <algorithm>

#include "match/answer.h"
#include "match/judge.h"
#include "match/outlook.h"
#include "match/pool.h"
#include "match/residual.h"

namespace twin::match {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Evaluation;
using record::Verdict;

namespace {

constexpr double converged_decrease = 0.3, converged_step = 0.3, hopeless_decrease = 1.0;
constexpr double reaching = 3.84;  ///< Δχ² of a 95 % interval of one parameter

/// χ² at a bound, the other parameters led to their minimum there by the tangent.
double chi2_at_bound(const record::Result& measured, const record::Model& model, const Survey& s,
                     const Evaluation& run, Index k) {
  const Difference d = difference(measured, run, model, s.names);
  const MatrixXd v = d.covariance();
  const VectorXd at = parameters_of(run, model);
  const Proposal rest = propose(at, d.residual(), s.tangent.jacobian, v, model, 1.0, k);
  return chi_squared(d.residual(), v) + prior_misfit(at, model).chi2 - rest.decrease;
}

/// The evaluation at the base's parameters, averaged over the runs that were made there.
Evaluation base_average(const record::Model& model, const Survey& s) {
  std::vector<Evaluation> there;
  for (const auto& run : s.trail.runs)
    if (same_parameters(run, s.trail.runs[s.base])) there.push_back(run);
  auto names = s.names;
  Tangent tangent = s.tangent;
  for (const auto& name : model.hold_back) {
    const auto at = there.front().quantities.find(name);
    if (std::ranges::count(names, name) || at == there.front().quantities.end()) continue;
    names.push_back(name);
  }
  // Nothing is carried, so held-back rows need no tangent.
  tangent.jacobian.conservativeResizeLike(
      MatrixXd::Zero(static_cast<Index>(names.size()), tangent.jacobian.cols()));
  Evaluation mean = pooled_at(there, 0, tangent, names, model);
  mean.jacobian = with_tangent(there.back(), s.tangent, s.names, model).jacobian;
  return mean;
}

/// Runs that lack a quantity of the newest say nothing beside it.
void leave_out_incomplete(Survey& s) {
  const auto lacks = [&](const Evaluation& run) {
    return std::ranges::any_of(s.names, [&](const std::string& name) {
      const auto at = run.quantities.find(name);
      return at == run.quantities.end() || !at->second.value;
    });
  };
  std::erase_if(s.trail.runs, lacks);
  std::erase_if(s.trail.at_bounds, lacks);
}

/// Far runs that were no better say nothing of the tangent at the base.
void set_apart(Survey& s, const Footing& foot) {
  auto& runs = s.trail.runs;
  for (auto j = foot.apart.rbegin(); j != foot.apart.rend(); ++j) {
    const auto at = runs.begin() + static_cast<std::ptrdiff_t>(*j);
    s.apart.insert(s.apart.begin(), *at);
    runs.erase(at);
    if (*j < s.base) --s.base;
  }
}

}  // namespace

const Evaluation& newest(const Survey& s) { return s.trail.runs.back(); }

bool at_base(const Survey& s) { return same_parameters(newest(s), s.trail.runs[s.base]); }

bool stalled(const Survey& s) { return s.proposal.decrease < hopeless_decrease; }

bool converged(const Survey& s) {
  return s.proposal.decrease < converged_decrease &&
         (s.proposal.step.cwiseAbs().array() <= converged_step * s.sigma.array()).all();
}

Survey survey(const record::Result& measured, const record::Model& model, Trail trail) {
  Survey s;
  s.trail = std::move(trail);
  s.names = pair_up(measured, newest(s), model).fitted;
  leave_out_incomplete(s);
  const Footing foot = footing(measured, model, s.trail.runs, s.names);
  s.base = foot.base;
  set_apart(s, foot);
  s.rejected_twice = foot.radius <= Footing{}.radius / 4;
  s.tangent = pooled_tangent(s.trail.runs, s.names, model);
  s.secants = !jacobian_of(newest(s).jacobian, s.names, model);
  s.pooled = pooled_at(s.trail.runs, s.base, s.tangent, s.names, model);
  s.at = parameters_of(s.pooled, model);
  const Difference d = difference(measured, s.pooled, model, s.names);
  const MatrixXd v = d.covariance();
  s.proposal = propose(s.at, d.residual(), s.tangent.jacobian, v, model, foot.radius);
  s.sigma = parameter_covariance(information(s.tangent.jacobian, v, model)).diagonal().cwiseSqrt();
  s.chi2 = chi_squared(d.residual(), v) + prior_misfit(s.at, model).chi2;
  return s;
}

std::map<std::string, double> named_parameters(const VectorXd& values, const record::Model& model) {
  std::map<std::string, double> out;
  for (std::size_t k = 0; k < model.free.size(); ++k)
    out[model.free[k].name] = values[static_cast<Index>(k)];
  return out;
}

std::map<std::string, bool> bounds_reached(const record::Result& measured,
                                           const record::Model& model, const Survey& s) {
  std::map<std::string, bool> out;
  for (std::size_t k = 0; k < model.free.size(); ++k)
    if (s.at[static_cast<Index>(k)] <= model.free[k].lower) out[model.free[k].name] = true;
  for (const auto& run : s.trail.at_bounds) {
    const std::size_t k = bound_parameter(run, model);
    if (k == model.free.size()) continue;
    const double there = chi2_at_bound(measured, model, s, run, static_cast<Index>(k));
    out[model.free[k].name] = there - (s.chi2 - s.proposal.decrease) < reaching;
  }
  return out;
}

std::optional<std::size_t> untried_bound(const record::Model& model, const Survey& s,
                                         const std::map<std::string, bool>& tried) {
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    const auto& parameter = model.free[k];
    const auto i = static_cast<Index>(k);
    if (parameter.upper <= parameter.lower || tried.contains(parameter.name)) continue;
    if (record::is_phase_fraction(parameter.name)) continue;
    if (s.at[i] - 3 * s.sigma[i] < parameter.lower) return k;
  }
  return std::nullopt;
}

bool another_is_excluded(const record::Result& measured, const record::Model& model,
                         const Survey& s) {
  const auto& runs = s.trail.runs;
  return std::any_of(runs.begin(), runs.end() - 1, [&](const Evaluation& run) {
    const Difference d = difference(measured, run, model, s.names);
    const MatrixXd v = d.covariance();
    const Proposal p =
        propose(parameters_of(run, model), d.residual(), s.tangent.jacobian, v, model, 1.0);
    if (p.decrease > std::max(hopeless_decrease, 0.1 * chi_squared(d.residual(), v))) return false;
    return is_excluded(judge(measured, with_tangent(run, s.tangent, s.names, model), model,
                             {.secants = s.secants}));
  });
}

record::Standing standing_of(const record::Result& measured, const record::Model& model,
                             const Survey& s, const Verdict& verdict) {
  record::Standing out;
  out.alternative = verdict.alternative;
  out.answer = verdict.answer;
  out.reason = verdict.reason;
  out.simulations = s.trail.count;
  out.parameters = verdict.parameters;
  const Verdict mean = judge(measured, base_average(model, s), model, {.secants = s.secants});
  out.chi2 = mean.chi2 + mean.chi2_held_back;
  const MatrixXd v = difference(measured, s.pooled, model, s.names).covariance();
  const MatrixXd info = information(s.tangent.jacobian, v, model);
  const double log_determinant =
      info.size() ? -info.ldlt().vectorD().array().max(1e-300).log().sum() : 0.0;
  out.log_odds = log_evidence(mean, log_determinant, model);
  return out;
}

}  // namespace twin::match
