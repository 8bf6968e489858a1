// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/outlook.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "match/answer.h"
#include "match/estimate.h"
#include "match/judge.h"
#include "match/pool.h"
#include "match/residual.h"
#include "match/tangent.h"
#include "match/trail.h"

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Answer;
using record::Evaluation;
using record::Verdict;

/// All that the runs of one alternative say together.
struct Survey {
  Trail trail;
  std::vector<std::string> names;  ///< fitted
  Tangent tangent;
  std::size_t base = 0;
  Evaluation pooled;  ///< all runs, carried to the base
  VectorXd at;        ///< parameters of the base
  Proposal proposal;
  VectorXd sigma;     ///< of the parameters
  double chi2 = 0.0;  ///< at the base, pooled, with priors
};

constexpr double converged_decrease = 0.3, converged_step = 0.3, hopeless_decrease = 1.0;
constexpr double reaching = 3.84;  ///< Δχ² of a 95 % interval of one parameter

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
  s.tangent = pooled_tangent(s.trail.runs, s.names, model);
  const Footing foot = footing(measured, model, s.trail.runs, s.names);
  s.base = foot.base;
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

/// χ² at a bound, the other parameters led to their minimum there by the tangent.
double chi2_at_bound(const record::Result& measured, const record::Model& model, const Survey& s,
                     const Evaluation& run, Index k) {
  const Difference d = difference(measured, run, model, s.names);
  const MatrixXd v = d.covariance();
  const VectorXd at = parameters_of(run, model);
  const Proposal rest = propose(at, d.residual(), s.tangent.jacobian, v, model, 1.0, k);
  return chi_squared(d.residual(), v) + prior_misfit(at, model).chi2 - rest.decrease;
}

/// Which intervals are known to reach their lower bound, or not to: by simulation at the bound.
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

/// A parameter whose interval may reach its bound and has not been tried there.
std::optional<std::size_t> untried_bound(const record::Model& model, const Survey& s,
                                         const std::map<std::string, bool>& tried) {
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    const auto& parameter = model.free[k];
    const auto i = static_cast<Index>(k);
    if (parameter.upper <= parameter.lower || tried.contains(parameter.name)) continue;
    if (s.at[i] - 3 * s.sigma[i] < parameter.lower) return k;
  }
  return std::nullopt;
}

/// Another run that is excluded as well, although all parameters had been led to their best.
bool another_is_excluded(const record::Result& measured, const record::Model& model,
                         const Survey& s) {
  const auto& runs = s.trail.runs;
  return std::any_of(runs.begin(), runs.end() - 1, [&](const Evaluation& run) {
    const Difference d = difference(measured, run, model, s.names);
    const MatrixXd v = d.covariance();
    const Proposal p =
        propose(parameters_of(run, model), d.residual(), s.tangent.jacobian, v, model, 1.0);
    if (p.decrease > std::max(hopeless_decrease, 0.1 * chi_squared(d.residual(), v))) return false;
    return is_excluded(judge(measured, with_tangent(run, s.tangent, s.names, model), model, {}));
  });
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

record::Standing standing_of(const record::Result& measured, const record::Model& model,
                             const Survey& s, const Verdict& verdict) {
  record::Standing out;
  out.alternative = verdict.alternative;
  out.answer = verdict.answer;
  out.reason = verdict.reason;
  out.simulations = s.trail.count;
  out.parameters = verdict.parameters;
  const Verdict mean = judge(measured, base_average(model, s), model, {});
  out.chi2 = mean.chi2 + mean.chi2_held_back;
  const MatrixXd v = difference(measured, s.pooled, model, s.names).covariance();
  const MatrixXd info = information(s.tangent.jacobian, v, model);
  const double log_determinant =
      info.size() ? -info.ldlt().vectorD().array().max(1e-300).log().sum() : 0.0;
  out.log_odds = log_evidence(mean, log_determinant, model);
  return out;
}

/// One alternative's search, step by step; each method returns true when it has decided.
class Decision {
 public:
  Decision(const record::Result& measured, const record::Model& model, Survey survey)
      : measured_(measured), model_(model), s_(std::move(survey)) {
    reached_ = bounds_reached(measured_, model_, s_);
    out_.verdict = judge_newest(newest(s_).confirmation);
    likely_ = judge_newest(true);
    out_.best = named_parameters(s_.at, model_);
  }

  Outlook take() {
    if (!(out_.verdict.pairs.empty() || try_missing_slope() || try_end() || try_confirmation() ||
          try_step()))
      settle_for_budget();
    if (!out_.next && out_.standing.alternative.empty()) settle();
    out_.verdict.run = s_.trail.count;
    return std::move(out_);
  }

 private:
  [[nodiscard]] Verdict judge_newest(bool confirmed) const {
    return judge(measured_, with_tangent(newest(s_), s_.tangent, s_.names, model_), model_,
                 {.confirmed = confirmed, .reaches_bound = reached_});
  }

  [[nodiscard]] int left() const { return model_.budget - s_.trail.count; }

  bool run(const std::map<std::string, double>& parameters, bool confirmation = false) {
    if (left() <= 0) return false;
    out_.next = next_model(model_, newest(s_).alternative, parameters);
    out_.confirmation = confirmation;
    return true;
  }

  /// No jacobian and no secant along a parameter: a small step of it alone.
  bool try_missing_slope() {
    for (std::size_t k = 0; k < s_.tangent.known.size() && !s_.names.empty(); ++k) {
      if (s_.tangent.known[k]) continue;
      const auto& parameter = model_.free[k];
      auto parameters = out_.best;
      double& value = parameters[parameter.name];
      const double step = 0.02 * ranges(model_)[static_cast<Index>(k)];
      value += parameter.upper > parameter.lower && value + step > parameter.upper ? -step : step;
      return run(parameters);
    }
    return false;
  }

  /// Is the newest run the last word?
  bool try_end() {
    if (!at_base(s_)) return false;
    const bool no_match = likely_.answer == Answer::no_match;
    const bool twice = is_excluded(likely_) && another_is_excluded(measured_, model_, s_);
    const bool done = newest(s_).confirmation ? likely_.answer == Answer::match || stalled(s_)
                                              : stalled(s_) && no_match && twice;
    // What no further run can change: something is missing on the measured side or in the model.
    const bool idle = converged(s_) && likely_.answer == Answer::inconclusive &&
                      !is_doubtful(likely_) && likely_.unresolved.empty() &&
                      !untried_bound(model_, s_, reached_);
    if (!done && !idle) return false;
    return try_bound() || settle();
  }

  bool try_bound() {
    if (is_excluded(likely_) || !newest(s_).confirmation) return false;
    const auto k = untried_bound(model_, s_, reached_);
    if (!k) return false;
    auto parameters = out_.best;
    parameters[model_.free[*k].name] = model_.free[*k].lower;
    return run(parameters);
  }

  bool try_confirmation() {
    const bool last_chance = at_base(s_) && left() == 1 && likely_.answer == Answer::match;
    const bool ready =
        converged(s_) || (at_base(s_) && stalled(s_) && likely_.answer != Answer::inconclusive);
    if (newest(s_).confirmation || !(ready || last_chance)) return false;
    return run(out_.best, true);
  }

  bool try_step() {
    if (s_.at.size() == 0) return false;
    return run(named_parameters(s_.at + s_.proposal.step, model_));
  }

  bool settle() {
    Verdict& verdict = out_.verdict;
    if (verdict.answer == Answer::no_match && stalled(s_)) {
      verdict.adequate = false;
      if (is_excluded(verdict) && !model_.free.empty())
        verdict.reason += "; no free parameter moves it";
    }
    out_.standing = standing_of(measured_, model_, s_, verdict);
    return true;
  }

  void settle_for_budget() {
    if (out_.verdict.answer == Answer::no_match && at_base(s_) && stalled(s_)) {
      out_.verdict.reason += "; not confirmed, the budget is used";
    } else {
      out_.verdict.answer = Answer::inconclusive;
      out_.verdict.reason = "budget of " + std::to_string(model_.budget) +
                            " simulations used; last: " + out_.verdict.reason;
    }
    settle();
  }

  const record::Result& measured_;
  const record::Model& model_;
  Survey s_;
  std::map<std::string, bool> reached_;
  Verdict likely_;  ///< what it would be if this run were its own confirmation
  Outlook out_;
};

Outlook first_run(const record::Model& model, const std::string& alternative,
                  const std::map<std::string, double>& start) {
  Outlook out;
  out.verdict.alternative = alternative;
  out.verdict.budget = model.budget;
  out.verdict.reason = "nothing simulated yet";
  out.best = start;
  if (model.budget > 0) {
    out.next = next_model(model, alternative, start);
  } else {
    out.verdict.reason = "a budget of no simulations";
    out.standing.alternative = alternative;
    out.standing.reason = out.verdict.reason;
  }
  return out;
}

/// The same model again, longer: what never settled says nothing.
Outlook repeat_longer(const record::Result& measured, const record::Model& model,
                      const std::string& alternative, const Trail& trail) {
  const auto last = std::find_if(model.history.rbegin(), model.history.rend(),
                                 [&](const auto& e) { return e.alternative == alternative; });
  Outlook out;
  out.verdict = judge(measured, *last, model, {});
  out.verdict.run = trail.count;
  out.best = last->parameters;
  if (trail.count < model.budget) {
    out.next = next_model(model, alternative, last->parameters);
    out.next->run.equilibrate *= 2;
    return out;
  }
  out.verdict.reason += "; budget of " + std::to_string(model.budget) + " simulations used";
  out.standing = {alternative,        Answer::inconclusive,  0.0, -1e9, trail.count,
                  out.verdict.reason, out.verdict.parameters};
  return out;
}

}  // namespace

record::Model next_model(const record::Model& model, const std::string& alternative,
                         const std::map<std::string, double>& parameters) {
  record::Model next = model;
  next.potential = alternative;
  for (auto& parameter : next.free) {
    const auto at = parameters.find(parameter.name);
    if (at != parameters.end()) parameter.value = at->second;
    if (parameter.upper > parameter.lower)
      parameter.value = std::clamp(parameter.value, parameter.lower, parameter.upper);
  }
  // A thousand apart: engines derive the seeds of replicas by counting on.
  for (const auto& run : model.history) next.seed = std::max(next.seed, run.seed + 1000);
  next.written_by = "twin-match";
  return next;
}

double log_evidence(const Verdict& verdict, double log_determinant, const record::Model& model) {
  double out = -0.5 * (verdict.chi2 + verdict.chi2_held_back) + 0.5 * log_determinant;
  for (const auto& pair : verdict.pairs) {
    const double s = std::hypot(pair.sigma_measured, pair.sigma_simulated);
    const auto own = std::ranges::find(model.free, pair.name, &record::FreeParameter::name);
    if (!pair.input || s <= 0 || own == model.free.end() || own->prior_mean) continue;
    out += -0.5 * std::pow((pair.simulated - pair.measured) / s, 2) - std::log(s);
  }
  return out;
}

Outlook outlook(const record::Result& measured, const record::Model& model,
                const std::string& alternative, const std::map<std::string, double>& start) {
  Trail trail = trail_of(model, alternative);
  if (trail.count == 0) return first_run(model, alternative, start);
  if (trail.newest_unequilibrated || trail.runs.empty())
    return repeat_longer(measured, model, alternative, trail);
  return Decision(measured, model, survey(measured, model, std::move(trail))).take();
}

}  // namespace twin::match
