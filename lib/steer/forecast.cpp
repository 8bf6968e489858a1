// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/forecast.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::steer {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Answer;
using record::Transition;

namespace {

constexpr std::size_t kept_at_most = 2000;
constexpr double told_again = 0.05;

double sign_of(const Transition& transition) { return transition.rising ? 1.0 : -1.0; }

/// Remembers \p key, and forgets the oldest of too many.
template <class Map>
void remember(std::deque<std::string>& order, Map& map, const std::string& key,
              typename Map::mapped_type value) {
  if (key.empty() || !map.insert_or_assign(key, std::move(value)).second) return;
  order.push_back(key);
  if (order.size() <= kept_at_most) return;
  map.erase(order.front());
  order.pop_front();
}

VectorXd values_of(const record::Result& result, const std::vector<std::string>& watch) {
  VectorXd out(static_cast<Index>(watch.size()));
  for (std::size_t i = 0; i < watch.size(); ++i) {
    const auto found = result.quantities.find(watch[i]);
    const bool known = found != result.quantities.end() && found->second.value;
    out[static_cast<Index>(i)] =
        known ? *found->second.value : std::numeric_limits<double>::quiet_NaN();
  }
  return out;
}

}  // namespace

Forecast::Forecast(const record::Policy& policy) : policy_(policy), rule_(*policy.forecast) {}

void Forecast::expect(const std::vector<Transition>& transitions) {
  transitions_ = transitions;
  expected_ones_.clear();
  for (const auto& one : transitions)
    expected_ones_.push_back(
        {one, TransitionBelief({sign_of(one) * one.at, one.at_sigma}, {one.width, one.width_sigma}),
         Ramp(rule_.horizon_seconds), std::nullopt, std::nullopt});
  for (auto& one : expected_ones_) find_way(one);
}

void Forecast::take(const record::ModelRecord& model) {
  if (model.model.transitions.empty()) return;
  if (model.model.transitions != transitions_) expect(model.model.transitions);
  const auto& potentials = model.model.potentials;
  const std::string potential =
      !model.model.potential.empty() || potentials.empty() ? model.model.potential : potentials[0];
  remember(newest_models_, models_, model.header.id,
           record::structure_of(record::alternative_name(model.model.alternative, potential)));
}

void Forecast::take(const record::State& state) {
  if (const auto model = models_.find(state.model); model != models_.end())
    remember(newest_states_, structures_, state.header.id, model->second);
}

void Forecast::take_digital(const record::Result& result) {
  if (!recipe_.empty() && result.recipe_sha256 != recipe_) return;
  std::string structure;
  std::vector<std::string> from = result.header.from;
  from.push_back(result.header.id);  // a state that says it by itself
  for (const auto& id : from)
    if (const auto state = structures_.find(id); state != structures_.end())
      structure = state->second;
  if (structure.empty()) return;
  digital_[structure] = values_of(result, policy_.watch);
  for (auto& one : expected_ones_) find_way(one);
}

/// Once: what lies on the way must stay comparable.
void Forecast::find_way(Expected& one) {
  const auto from = digital_.find(one.transition.from), to = digital_.find(one.transition.to);
  if (one.way || from == digital_.end() || to == digital_.end()) return;
  one.from = from->second;
  one.way = to->second - from->second;
  for (const Seen& seen : seen_) observe(one, seen);
}

void Forecast::observe(Expected& one, const Seen& seen) const {
  const auto condition = seen.environment.find(one.transition.in);
  if (!one.way || condition == seen.environment.end()) return;
  std::vector<Index> known;
  for (Index i = 0; i < seen.value.size(); ++i)
    if (std::isfinite(seen.value[i] + (*one.way)[i]) && seen.covariance(i, i) > 0)
      known.push_back(i);
  if (known.empty()) return;
  const MatrixXd covariance = seen.covariance(known, known);
  const VectorXd way = (*one.way)(known), off = (seen.value - *one.from)(known);
  Eigen::LDLT<MatrixXd> solver(covariance);
  VectorXd weights = solver.solve(way);
  if (solver.info() != Eigen::Success || !covariance.allFinite() ||
      !(solver.vectorD().minCoeff() > 0))
    weights = way.cwiseQuotient(covariance.diagonal());
  const double information = way.dot(weights);
  if (!(information > 0) || !std::isfinite(information)) return;
  one.belief.observe(sign_of(one.transition) * condition->second, off.dot(weights) / information,
                     std::sqrt(seen.inflation / information));
}

void Forecast::take(const record::Verdict& verdict) {
  if (verdict.answer != Answer::match || verdict.header.from.empty()) return;
  const auto at = environments_.find(verdict.header.from.front());
  if (at == environments_.end()) return;
  matched_ = record::structure_of(verdict.alternative);
  for (auto& one : expected_ones_) {
    const bool behind = matched_ == one.transition.to;
    const auto condition = at->second.find(one.transition.in);
    if ((!behind && matched_ != one.transition.from) || condition == at->second.end()) continue;
    one.belief.matched(sign_of(one.transition) * condition->second, behind);
  }
  predict();
}

/// What another set-up measures lies elsewhere; by another analysis the way is another; another
/// sample has a history of its own.
void Forecast::compare_with_last(const record::Result& result) {
  const auto& context = result.context;
  const auto differs = [](std::string& before, const std::string& now) {
    return std::exchange(before, now) != now;
  };
  const bool first = std::exchange(begun_, true) == false;
  const bool setup = differs(setup_, context.setup), sample = differs(sample_, context.sample);
  const bool recipe = differs(recipe_, result.recipe_sha256);
  scan_ = context.scan;
  if (first || (!setup && !sample && !recipe)) return;
  seen_.clear();
  if (recipe) digital_.clear();
  if (sample) matched_.clear();
  if (sample || recipe)
    expect(std::exchange(transitions_, {}));
  else
    for (auto& one : expected_ones_) one.belief.forget_observations();
}

void Forecast::take(const record::Result& result, double time, const Sample& sample,
                    double inflation) {
  compare_with_last(result);
  Seen seen;
  for (auto& one : expected_ones_) {
    const auto& environment = result.context.environment;
    const auto found = environment.find(one.transition.in);
    if (found == environment.end() || !found->second.value) continue;
    try {
      const double condition =
          convert(*found->second.value, found->second.unit, one.transition.unit);
      seen.environment[one.transition.in] = condition;
      one.ramp.add(time, sign_of(one.transition) * condition);
    } catch (const Error&) {
      continue;  // of another unit: as if it were not there
    }
  }
  remember(results_, environments_, result.header.id, seen.environment);
  seen.value = sample.value;
  seen.covariance = sample.covariance;
  seen.inflation = inflation;
  bool waiting = expected_ones_.empty();
  for (auto& one : expected_ones_) {
    observe(one, seen);
    waiting = waiting || !one.way;
  }
  if (waiting) seen_.push_back(std::move(seen));
  if (seen_.size() > kept_at_most) seen_.pop_front();
  predict();
}

void Forecast::predict() {
  prediction_.reset();
  for (std::size_t i = 0; i < expected_ones_.size(); ++i) {
    const Expected& one = expected_ones_[i];
    if (matched_.empty() || (matched_ != one.transition.from && matched_ != one.transition.to))
      continue;
    const auto line = one.ramp.line();
    if (!line) continue;
    const double sign = sign_of(one.transition);
    const double now = line->level;
    Normal ahead = line->in(rule_.horizon_seconds);
    // What has been passed is passed, whichever way the condition goes from here.
    ahead.mean = std::max(ahead.mean, now);
    const double p = one.belief.under_way(now, ahead);
    if (prediction_ && prediction_->probability >= p) continue;
    prediction_ = Prediction{one.transition, p, sign * now, sign * line->rate};
    which_ = i;
  }
  const double p = prediction_ ? prediction_->probability : 0;
  expected_ = p > rule_.above || (expected_ && p >= rule_.above / 2);
}

std::optional<record::Event> Forecast::news() {
  if (!prediction_) return std::nullopt;
  const Prediction& now = *prediction_;
  const bool same = told_ && told_->second == expected_ && told_transition_ == now.transition;
  if (same && std::abs(told_->first - now.probability) < told_again) return std::nullopt;
  told_ = {now.probability, expected_};
  told_transition_ = now.transition;
  record::Event out;
  out.what = "forecast";
  out.first = now.transition.from;
  out.second = now.transition.to;
  const auto unit = now.transition.unit.empty() ? "" : " " + now.transition.unit;
  const auto onset_at = [&](double share) {
    return sign_of(now.transition) * expected_ones_[which_].belief.onset_quantile(share);
  };
  const double middle = onset_at(0.5), low = onset_at(now.transition.rising ? 0.025 : 0.975),
               high = onset_at(now.transition.rising ? 0.975 : 0.025);
  record::Value details, onset;
  onset.set("median", record::Value(middle));
  onset.set("low", record::Value(low));
  onset.set("high", record::Value(high));
  details.set("probability", record::Value(now.probability));
  if (!scan_.empty()) details.set("scan", record::Value(scan_));
  details.set("within_seconds", record::Value(rule_.horizon_seconds));
  details.set("in", record::Value(now.transition.in));
  details.set("unit", record::Value(now.transition.unit));
  details.set("now", record::Value(now.now));
  details.set("rate_per_second", record::Value(now.rate));
  details.set("onset", onset);
  out.header.extra.set("details", details);
  out.text = "transition " + printable(now.transition.from) + " to " +
             printable(now.transition.to) + " within " + significant(rule_.horizon_seconds, 3) +
             " s: probability " + significant(now.probability, 2) + "; " +
             printable(now.transition.in) + " " + significant(now.now, 4) + unit + ", " +
             significant(now.rate * 60, 2) + unit + " a minute; onset at " +
             significant(middle, 4) + unit + ", 95 %: " + significant(low, 4) + " to " +
             significant(high, 4);
  return out;
}

}  // namespace twin::steer
