// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/outlook.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "match/answer.h"
#include "match/elsewhere.h"
#include "match/estimate.h"
#include "match/judge.h"
#include "match/pool.h"
#include "match/survey.h"

namespace twin::match {

namespace {

using Eigen::Index;
using record::Answer;
using record::Evaluation;
using record::Verdict;

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
          try_elsewhere_when_rejected() || try_step()))
      settle_for_budget();
    if (!out_.next && out_.standing.alternative.empty()) settle();
    out_.verdict.run = s_.trail.count;
    return std::move(out_);
  }

 private:
  [[nodiscard]] Verdict judge_newest(bool confirmed) const {
    return judge(measured_, with_tangent(newest(s_), s_.tangent, s_.names, model_), model_,
                 {.confirmed = confirmed, .secants = s_.secants, .reaches_bound = reached_});
  }

  [[nodiscard]] int left() const { return model_.budget - s_.trail.count; }

  bool run(const std::map<std::string, double>& parameters, bool confirmation = false) {
    if (left() <= 0) return false;
    out_.next = next_model(model_, newest(s_).alternative, parameters);
    out_.confirmation = out_.as_asked = confirmation;
    return true;
  }

  /// No jacobian and no secant along a parameter: a small step of it alone.
  bool try_missing_slope() {
    for (std::size_t k = 0; k < s_.tangent.known.size() && !s_.names.empty(); ++k) {
      if (s_.tangent.known[k]) continue;
      const auto& parameter = model_.free[k];
      auto parameters = out_.best;
      double& value = parameters[parameter.name];
      const auto i = static_cast<Index>(k);
      const double step =
          std::max(0.02 * ranges(model_)[i], record::smallest_step(model_, parameter));
      const bool beyond =
          (parameter.upper > parameter.lower && value + step > parameter.upper) ||
          own_share(s_.at + step * Eigen::VectorXd::Unit(s_.at.size(), i), model_) < 0;
      value += beyond ? -step : step;
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
    return try_bound() || try_elsewhere() || try_longer() || settle();
  }

  bool try_bound() {
    if (is_excluded(likely_) || !newest(s_).confirmation) return false;
    const auto k = untried_bound(model_, s_, reached_);
    if (!k) return false;
    auto parameters = out_.best;
    parameters[model_.free[*k].name] = model_.free[*k].lower;
    return out_.as_asked = run(parameters);
  }

  /// Where the tangent leads to nothing that fits: a place in the box that may.
  bool try_elsewhere() {
    if (!is_excluded(likely_) && !is_doubtful(likely_)) return false;
    const auto place = most_promising(measured_, model_, s_);
    const bool worth_a_run = is_excluded(likely_) || (place && place->improvement >= 1);
    return place && worth_a_run && run(named_parameters(place->parameters, model_));
  }

  /// Where it agrees, and the simulation's own error alone is too large: the same, longer. Not for
  /// ever: an engine may not care how long it is asked to run.
  bool try_longer() {
    constexpr double most = 4, margin = 1.3;
    const auto times = simulation_times_as_long(likely_);
    if (likely_.answer != Answer::inconclusive || is_doubtful(likely_) || !times || in_vain() ||
        !run(out_.best, true))
      return false;
    const double longer = std::clamp(margin * *times, 1.5, most) * out_.next->run.produce;
    out_.next->run.produce = static_cast<int>(std::min(longer, 1e9));
    return true;
  }

  /// Confirmed again and again, and no more precise than the first run.
  [[nodiscard]] bool in_vain() const {
    constexpr int patience = 4;
    const auto& runs = s_.trail.runs;
    if (std::ranges::count(runs, true, &Evaluation::confirmation) <= patience) return false;
    return std::ranges::all_of(likely_.pairs, [&](const record::Pair& pair) {
      const auto before = runs.front().quantities.find(pair.name);
      return pair.within_tolerance || before == runs.front().quantities.end() ||
             pair.sigma_simulated > 0.8 * before->second.sigma.value_or(0);
    });
  }

  bool try_elsewhere_when_rejected() { return s_.rejected_twice && try_elsewhere(); }

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
      if (!s_.apart.empty())
        verdict.reason += "; tried " + std::to_string(s_.apart.size()) +
                          (s_.apart.size() == 1 ? " place" : " places") +
                          " elsewhere within the bounds in vain";
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
  record::Model next = record::with_alternative(model, alternative);
  for (auto& parameter : next.free) {
    const auto at = parameters.find(parameter.name);
    if (at != parameters.end()) parameter.value = at->second;
    if (const double step = record::smallest_step(next, parameter); step > 0)
      parameter.value = std::round(parameter.value / step) * step;
    if (parameter.upper > parameter.lower)
      parameter.value = std::clamp(parameter.value, parameter.lower, parameter.upper);
  }
  next = kept_to_one(std::move(next));
  // A thousand apart: engines derive the seeds of replicas by counting on.
  for (const auto& run : model.history) next.seed = std::max(next.seed, run.seed + 1000);
  next.written_by = "twin-match";
  return next;
}

double log_evidence(const Verdict& verdict, double log_determinant, const record::Model& model) {
  double out = -0.5 * (verdict.chi2 + verdict.chi2_held_back) + 0.5 * log_determinant;
  for (const auto& pair : verdict.pairs) {
    const double s = std::hypot(pair.sigma_measured, pair.sigma_simulated);
    if (const double whole = std::hypot(s, pair.sigma_model); !pair.input && whole > 0)
      out -= std::log(whole);  // of ½ ln det V
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
