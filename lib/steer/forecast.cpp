// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/forecast.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
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
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// A condition that is behind the furthest by more than this share of the width has come back.
constexpr double come_back = 0.1;

VectorXd values_of(const record::Result& result, const std::vector<std::string>& watch) {
  VectorXd out(static_cast<Index>(watch.size()));
  for (std::size_t i = 0; i < watch.size(); ++i) {
    const auto found = result.quantities.find(watch[i]);
    const bool known = found != result.quantities.end() && found->second.value;
    out[static_cast<Index>(i)] = known ? *found->second.value : nan_value;
  }
  return out;
}

/// What drives a transition, in its unit; nothing where it is not there, or of another dimension.
std::optional<double> condition_of(const Transition& one, const record::Quantities& environment) {
  const auto found = environment.find(one.in);
  if (found == environment.end() || !found->second.value) return std::nullopt;
  try {
    return convert(*found->second.value, found->second.unit, one.unit);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Forecast::Expected::Expected(const Transition& one, double window)
    : transition(one),
      sign(one.rising ? 1.0 : -1.0),
      belief({sign * one.at, one.at_sigma}, {one.width, one.width_sigma}),
      ramp(window),
      furthest(-std::numeric_limits<double>::infinity()) {}

Forecast::Forecast(const record::Policy& policy) : policy_(policy), rule_(*policy.forecast) {}

void Forecast::expect(const std::vector<Transition>& transitions) {
  all_.clear();
  matched_.clear();
  for (const auto& one : transitions) {
    auto& added = all_.emplace_back(one, rule_.horizon_seconds);
    find_way_of_fractions(added);
    if (added.way)
      for (const Seen& seen : seen_) observe(added, seen);
  }
}

void Forecast::take(const record::ModelRecord& model) {
  const auto& m = model.model;
  if (m.transitions.empty()) return;
  if (!std::ranges::equal(m.transitions, all_, {}, {}, &Expected::transition))
    expect(m.transitions);
  models_.put(model.header.id,
              m.alternative.empty() ? std::string(record::own_structure) : m.alternative);
}

void Forecast::take(const record::State& state) {
  if (const auto* structure = models_.find(state.model))
    structures_.put(state.header.id, *structure);
}

void Forecast::take_digital(const record::Result& result) {
  for (const auto& id : result.header.from)
    if (const auto* structure = structures_.find(id))
      digital_[*structure] = {result.recipe_sha256, values_of(result, policy_.watch)};
  for (auto& one : all_) find_way(one);
}

/// The way of fractions of the two structures, where such are watched: from 1 to 0, from 0 to 1.
void Forecast::find_way_of_fractions(Expected& one) const {
  const auto n = static_cast<Index>(policy_.watch.size());
  VectorXd from = VectorXd::Constant(n, nan_value), way = from;
  for (Index i = 0; i < n; ++i) {
    const auto& name = policy_.watch[static_cast<std::size_t>(i)];
    const bool of_from = name == record::fraction_of(one.transition.from);
    if (!of_from && name != record::fraction_of(one.transition.to)) continue;
    from[i] = of_from ? 1 : 0;
    way[i] = of_from ? -1 : 1;
  }
  if (way.array().isNaN().all()) return;
  one.from = from;
  one.way = way;
}

/// Once, and not before a MATCH: what a search tries is no structure's own, and what lies on the
/// way must stay comparable.
void Forecast::find_way(Expected& one) {
  const auto from = digital_.find(one.transition.from), to = digital_.find(one.transition.to);
  if (one.way || matched_.empty() || from == digital_.end() || to == digital_.end()) return;
  if (from->second.recipe != recipe_ || to->second.recipe != recipe_) return;
  one.from = from->second.value;
  one.way = to->second.value - from->second.value;
  for (const Seen& seen : seen_) observe(one, seen);
}

void Forecast::observe(Expected& one, const Seen& seen) {
  const auto measured = condition_of(one.transition, seen.environment);
  if (!one.way || !measured) return;
  const double condition = one.sign * *measured;
  if (condition < one.furthest - come_back * one.transition.width) return;
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
  one.belief.observe(condition, off.dot(weights) / information,
                     std::sqrt(seen.inflation / information));
}

void Forecast::take(const record::Verdict& verdict) {
  if (verdict.answer != Answer::match || verdict.header.from.empty()) return;
  const auto* environment = environments_.find(verdict.header.from.front());
  if (environment == nullptr) return;
  matched_ = record::structure_of(verdict.alternative);
  for (auto& one : all_) {
    const bool behind = matched_ == one.transition.to;
    if (!behind && matched_ != one.transition.from) continue;
    const auto condition = condition_of(one.transition, *environment);
    if (!condition) continue;
    if (one.behind && !behind) {  // it has come back, and may go again
      Expected again(one.transition, rule_.horizon_seconds);
      again.ramp = one.ramp;
      again.from = one.from;
      again.way = one.way;
      one = std::move(again);
    }
    one.behind = behind;
    one.belief.matched(one.sign * *condition, behind);
    find_way(one);
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
  const bool first = !std::exchange(begun_, true);
  const bool setup = differs(setup_, context.setup), sample = differs(sample_, context.sample);
  const bool recipe = differs(recipe_, result.recipe_sha256);
  if (first || (!setup && !sample && !recipe)) return;
  seen_.clear();
  if (!sample && !recipe) {
    for (auto& one : all_) one.belief.forget_observations();
    return;
  }
  environments_.clear();  // a verdict that comes late is of no use
  std::vector<Transition> transitions;
  for (const auto& one : all_) transitions.push_back(one.transition);
  expect(transitions);
}

void Forecast::take(const record::Result& result, double time, const Sample& sample,
                    double inflation) {
  compare_with_last(result);
  scan_ = result.context.scan;
  time_ = time;
  environments_.put(result.header.id, result.context.environment);
  Seen seen{sample.value, sample.covariance, result.context.environment, inflation};
  bool waiting = all_.empty();
  for (auto& one : all_) {
    if (const auto condition = condition_of(one.transition, seen.environment))
      one.ramp.add(time, one.sign * *condition);
    observe(one, seen);
    waiting = waiting || !one.way;
  }
  if (waiting) seen_.push_back(std::move(seen));
  if (seen_.size() > kept_at_most) seen_.pop_front();
  predict();
}

void Forecast::predict() {
  prediction_.reset();
  for (std::size_t i = 0; i < all_.size(); ++i) {
    Expected& one = all_[i];
    const auto line = one.ramp.line();
    // Of a condition that is measured no more nobody knows how it goes on.
    if (!line || time_ - line->time > rule_.horizon_seconds) continue;
    one.furthest = std::max(one.furthest, line->level);
    if (matched_.empty() || (matched_ != one.transition.from && matched_ != one.transition.to))
      continue;
    Normal ahead = line->in(rule_.horizon_seconds);
    if (line->level < one.furthest - come_back * one.transition.width) ahead.sigma = 0;
    ahead.mean = std::max(ahead.mean, one.furthest);
    const double p = one.belief.under_way(one.furthest, ahead);
    if (prediction_ && prediction_->probability >= p) continue;
    prediction_ = Prediction{one.transition, p, one.sign * line->level, one.sign * line->rate};
    which_ = i;
  }
  const double p = prediction_ ? prediction_->probability : 0;
  expected_ = p > rule_.above || (expected_ && p >= rule_.above / 2);
}

std::optional<record::Event> Forecast::news() {
  if (!prediction_ && !told_) return std::nullopt;
  const bool same = prediction_ && told_ && told_expected_ == expected_ &&
                    told_->transition == prediction_->transition &&
                    std::abs(told_->probability - prediction_->probability) < told_again;
  if (same) return std::nullopt;
  const auto before = std::exchange(told_, prediction_);
  told_expected_ = expected_;
  if (prediction_) return event_of(*prediction_);
  record::Event out;
  out.what = "forecast";
  out.first = before->transition.from;
  out.second = before->transition.to;
  out.text = "nothing is forecast any more: what it goes by is no longer known";
  return out;
}

}  // namespace twin::steer
