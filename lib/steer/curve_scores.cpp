// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/curve_scores.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::steer {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

/// A few bins more than directions: something must be left.
constexpr int spare_bins = 4;

VectorXd numbers(const record::Array& array) {
  return Eigen::Map<const VectorXd>(array.data.data(), static_cast<Index>(array.data.size()));
}

/// From 0: of "score:1", and no other than such.
Index number_of(const std::string& name) {
  return static_cast<Index>(parse_integer(name.substr(score_names.size())).value_or(1)) - 1;
}

std::string running_method(long long number) { return "running basis " + std::to_string(number); }

std::string too_short_or_large(bool reaches, const std::string& what) {
  return reaches ? " is too large" : " does not reach over the " + what;
}

/// \return  nothing, with the reason
std::optional<Curve> curve_of(const record::Result& result, const record::PolicyScores& scores,
                              std::string& why) {
  if (!result.converged) {
    why = "it did not converge";
    return std::nullopt;
  }
  const auto values = result.arrays.find(scores.curve), axis = result.arrays.find(scores.axis);
  for (const auto& [name, at] : {std::pair(scores.curve, values), std::pair(scores.axis, axis)})
    if (at == result.arrays.end() || at->second.data.empty()) {
      why = "no array " + name + "; twin-extract gives it with --arrays all";
      return std::nullopt;
    }
  Curve out{numbers(axis->second), numbers(values->second)};
  if (is_whole(out)) return out;
  why = scores.curve + " over " + scores.axis +
        " is no curve: as many numbers of both, none missing, the latter increasing, are needed";
  return std::nullopt;
}

/// The watched ones as \p like; without a value while they are \p learnt; none else.
void put(record::Result& matter, const record::Policy& policy, const std::optional<Scores>& found,
         const record::Quantity& like, bool learnt = false) {
  for (const auto& name : policy.watch) {
    if (!is_score(name)) continue;
    matter.quantities.erase(name);
    if (!found && !learnt) continue;
    auto& value = (matter.quantities[name] = like).value;
    if (found) value = name == "score:rest" ? found->rest : found->along[number_of(name)];
  }
}

}  // namespace

bool is_running_score(std::string_view name, const record::Quantity& quantity) {
  return is_score(name) && quantity.method.starts_with("running basis ");
}

CurveScores::CurveScores(const record::Policy& policy, std::optional<TrainedBasis> basis,
                         const std::string& called)
    : policy_(policy), trained_(std::move(basis)), method_("basis " + called) {
  if (!trained_) running_.emplace(settings());
  if (!trained_) return;
  Index needed = policy.scores->components;
  for (const auto& name : policy.watch)
    if (is_score(name) && name != "score:rest") needed = std::max(needed, number_of(name) + 1);
  if (needed > trained_->components())
    throw Error(Cause::configuration, "it has " + std::to_string(trained_->components()) +
                                          " components; the policy asks for " +
                                          std::to_string(needed));
}

RunningSettings CurveScores::settings() const {
  return {policy_.scores->components, static_cast<std::size_t>(policy_.scores->learn),
          policy_.baseline && policy_.baseline->drifts ? Drift::linear : Drift::none};
}

Scored CurveScores::add_to(record::Result& matter, const record::Result& whole,
                           const Follow* follow) {
  if (trained_) return add_trained(matter, whole);
  if (follow == nullptr) throw Error(Cause::internal, "a running basis without a stream");
  std::string why;
  const auto curve = curve_of(whole, *policy_.scores, why);
  // Of another set-up, recipe ...: a basis of its own, once the result is a sample.
  const bool goes_on = goes_on_ = follow->goes_on(whole);
  pending_ = Taken{{}, {}, follow->next_covariate(whole)};
  if (curve) why = bin(*curve, goes_on);
  if (pending_->grid && !std::isfinite(pending_->covariate)) {
    pending_->grid.reset();
    why = "no " + policy_.baseline->drift_in + ", in which it drifts, or of another unit";
  }
  std::optional<Scores> found;
  const bool learning = !goes_on || running_->learning(), has = pending_->grid.has_value();
  if (has && !learning) found = running_->scores(pending_->bins, pending_->covariate);
  const bool learnt = has && learning && !(goes_on && running_->failed());
  if (has && !found && !learnt)
    why = learning ? "no basis can be learnt from " + std::to_string(policy_.scores->learn) +
                         " curves: " + policy_.scores->curve +
                         " does not scatter, or is too large; others are tried"
                   : policy_.scores->curve + " is too large";
  put(matter, policy_, found, {{}, {}, {}, "", running_method(number_ + (goes_on ? 0 : 1)), {}},
      learnt);
  const auto state = found    ? Scored::State::known
                     : learnt ? Scored::State::learnt
                              : Scored::State::none;
  if (state == Scored::State::none) return {state, why};
  if (found && !follow->in_change() && running_->is_far(pending_->bins, pending_->covariate))
    news_ = policy_.scores->curve +
            " is far from all before: it is learnt from only if the next one is, too";
  return {state, std::exchange(news_, "")};
}

Scored CurveScores::add_trained(record::Result& matter, const record::Result& whole) {
  const auto& name = policy_.scores->curve;
  std::string why;
  std::optional<Scores> found;
  if (const auto curve = curve_of(whole, *policy_.scores, why)) {
    found = (*trained_)(*curve);
    if (!found) why = name + too_short_or_large(trained_->reaches(*curve), "basis");
  }
  const auto unit = found ? whole.arrays.at(name).unit : "";
  put(matter, policy_, found, {{}, {}, {}, unit, method_, {}});
  return {found ? Scored::State::known : Scored::State::none, why};
}

std::string CurveScores::bin(const Curve& curve, bool goes_on) {
  const auto& scores = *policy_.scores;
  auto grid = goes_on ? bins_ : std::nullopt;
  try {
    if (!grid) grid.emplace(curve, scores.range, scores.components + spare_bins);
  } catch (const Error& error) {
    return scores.curve + ": " + error.what();
  }
  auto bins = (*grid)(curve);
  if (!bins) return scores.curve + too_short_or_large(grid->reaches(curve), "range");
  pending_->grid = std::move(grid);
  pending_->bins = std::move(*bins);
  return "";
}

void CurveScores::hear(const Follow& follow) {
  if (trained_) return;
  const bool anew = std::exchange(segment_, follow.segment()) != follow.segment();
  const bool counted = std::exchange(samples_, follow.samples()) != follow.samples();
  const auto taken = std::exchange(pending_, std::nullopt);
  if (counted && taken) {
    newest_.push_back(*taken);
    if (newest_.size() > static_cast<std::size_t>(policy_.scores->learn)) newest_.pop_front();
    if (taken->grid) bins_ = taken->grid;
    // What is a change may not become what is expected, nor what is looked along.
    if (taken->grid && !anew && !follow.in_change()) take(*taken);
  }
  if (anew) learn_anew(counted && !goes_on_ ? 1 : follow.kept());
}

/// Where nothing was learnt the next basis is another one: a baseline may have begun without it.
void CurveScores::take(const Taken& one) {
  const bool failed = running_->failed();
  const auto left_out = running_->left_out();
  running_->take(one.bins, one.covariate);
  if (running_->failed() && !failed) ++number_;
  if (running_->left_out() > left_out)
    news_ = "of the curves that are learnt from one was far from all others: it is left out";
}

void CurveScores::learn_anew(std::size_t kept) {
  ++number_;
  const bool failed = running_->failed();
  running_.emplace(settings());
  if (failed && goes_on_) running_->assume_failed();
  while (newest_.size() > kept) newest_.pop_front();
  if (std::ranges::none_of(newest_, [](const Taken& one) { return one.grid.has_value(); }))
    bins_.reset();
  for (const auto& one : newest_)
    if (one.grid) take(one);
}

}  // namespace twin::steer
