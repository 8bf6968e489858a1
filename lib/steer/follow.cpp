// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/follow.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "steer/threshold.h"

namespace twin::steer {

namespace {

using Eigen::Index;
using record::Event;
using record::Quantity;
using record::Result;
using record::Value;

constexpr double missing_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_labels = 5000;
constexpr std::int64_t most_skipped = 1000000;
constexpr double much_too_late = 3600;  // s

WatchSettings settings_of(const record::Policy& policy, double threshold) {
  if (!policy.baseline) throw Error(Cause::internal, "a stream is followed without a baseline");
  WatchSettings out;
  out.baseline = static_cast<std::size_t>(policy.baseline->samples);
  out.drift = policy.baseline->drifts ? Drift::linear : Drift::none;
  out.log_threshold = threshold;
  return out;
}

double threshold_of(const record::Policy& policy) {
  return log_threshold({policy.false_alarms, policy.per_samples, policy.calibrated});
}

/// The method of the scores that a result has.
std::optional<std::string> basis_of(const Result& result, const record::Policy& policy) {
  for (const auto& name : policy.watch)
    if (const auto found = result.quantities.find(name);
        is_score(name) && found != result.quantities.end())
      return found->second.method;
  return std::nullopt;
}

record::Gap gap_of(const Result& result, const std::string& reason) {
  record::Gap out;
  out.reason = reason;
  out.count = 1;
  if (!result.header.id.empty()) out.header.from = {result.header.id};
  return out;
}

}  // namespace

Follow::Follow(const record::Policy& policy)
    : policy_(policy), threshold_(threshold_of(policy)), watch_(settings_of(policy, threshold_)) {}

std::optional<double> time_of(const Result& result) {
  const auto measured = parse_utc(result.measured_at);
  return measured ? measured : parse_utc(result.header.time);
}

void Follow::skip(std::int64_t count) {
  skipped_ = std::min(most_skipped, skipped_ + std::clamp<std::int64_t>(count, 0, most_skipped));
}

bool is_of_beam(const Event& event) {
  return event.what == "no-beam" || event.what == "beam-back" || event.what == "begin";
}

void Follow::take(const Event& event) {
  if (!is_of_beam(event)) return;
  if (event.what == "no-beam") {
    if (!std::exchange(no_beam_, true)) beam_lost_ = parse_utc(event.second);
    beam_back_.reset();
    return;
  }
  if (no_beam_) beam_back_ = parse_utc(event.second);
  begin_anew();
}

/// A result is late, and says when its scan ended: the first scan behind has begun without a beam,
/// for all that is known.
bool Follow::without_beam(const Result& result) {
  if (no_beam_) return true;
  const auto time = time_of(result);
  if (time && beam_lost_ && beam_back_ && *time >= *beam_lost_ && *time < *beam_back_) return true;
  // One from before the loss that is late is not the first behind it.
  if (time && beam_back_ && *time < *beam_back_) return false;
  return std::exchange(first_behind_, false);
}

void Follow::begin_anew() {
  if (!std::exchange(no_beam_, false)) return;
  first_behind_ = true;
  warning_.reset();
  ++segment_;
  watch_.interrupt();
}

/// Why a result is no sample.
std::optional<std::string> Follow::of_no_use(const Result& result) {
  const auto& id = result.header.id;
  if (!id.empty() && !known_ids_.insert(key_of_text(id))) return "a result came twice";
  const auto& scan = result.context.scan;
  if (result.revision > 0 && !scan.empty() &&
      std::ranges::any_of(labels_, [&](const Label& label) { return label.scan == scan; }))
    return "a revision of a result that was counted";
  if (without_beam(result)) return "there was no beam";
  return late(result);
}

/// One that is stamped wrongly must not make all that follow late.
std::optional<std::string> Follow::late(const Result& result) {
  interval_ = missing_value;
  const auto time = time_of(result);
  if (!time) return std::nullopt;
  const bool much = *time < newest_ - much_too_late;
  const bool another_clock = much && late_ && *time >= *late_;
  late_ = much && !another_clock ? time : std::nullopt;
  if (*time < newest_ && !another_clock)
    return "a result came late: it is older than one before it";
  if (newest_ > 0) interval_ = *time - newest_;
  newest_ = *time;
  return std::nullopt;
}

bool Follow::goes_on(const Result& result) const {
  return !last_ ||
         (last_->recipe_sha256 == result.recipe_sha256 && last_->technique == result.technique &&
          last_->edge == result.edge && last_->context.setup == result.context.setup &&
          last_->context.sample == result.context.sample);
}

void Follow::compare_with_last(const Result& result, std::vector<record::Record>& out) {
  const bool goes_on = Follow::goes_on(result);
  Result now;
  now.context.setup = result.context.setup;
  now.context.sample = result.context.sample;
  now.recipe_sha256 = result.recipe_sha256;
  now.technique = result.technique;
  now.edge = result.edge;
  const auto before = std::exchange(last_, std::move(now));
  const auto basis = std::exchange(basis_, basis_of(result, policy_).value_or(basis_));
  if (!before) return;
  if (!goes_on) ++segment_;
  const auto other = [&](bool differs, const char* what) {
    if (differs) out.emplace_back(gap_of(result, std::string("the ") + what));
    return differs;
  };
  if (other(before->recipe_sha256 != last_->recipe_sha256, "recipe is another: a new baseline") ||
      other(before->technique != last_->technique, "technique is another: a new baseline") ||
      other(before->edge != last_->edge, "edge is another: a new baseline")) {
    like_.clear();
    warning_.reset();
    return watch_.forget();
  }
  if (other(before->context.setup != last_->context.setup,
            "set-up is another: a new mean is learnt") ||
      other(before->context.sample != last_->context.sample,
            "sample is another: a new mean is learnt")) {
    warning_.reset();
    watch_.interrupt();
  }
  if (other(!basis.empty() && basis != basis_, "basis of scores is another: a new baseline")) {
    like_.clear();
    warning_.reset();
    watch_.forget(true);
  }
}

/// A change that goes on is no place to look for signs of one.
void Follow::warn(const Result& result, std::vector<record::Record>& out) {
  if (!policy_.early_warnings) return;
  if (!watch_.whitener() || watch_.changing()) return warning_.reset();
  if (!warning_)
    warning_.emplace(WarningSettings{static_cast<std::size_t>(policy_.early_warnings->window),
                                     policy_.false_alarms, policy_.per_samples},
                     watch_.whitener()->noise());
  const auto slowing = warning_->add(newest_sample_, interval_);
  if (!slowing) return;
  Event event = event_of(*slowing);
  if (!result.header.id.empty()) event.header.from = {result.header.id};
  out.emplace_back(std::move(event));
}

/// A score whose basis is being learnt has its method, and no value yet.
bool Follow::is_learnt(const Result& result) const {
  return std::ranges::any_of(policy_.watch, [&](const std::string& name) {
    const auto found = result.quantities.find(name);
    return is_score(name) && found != result.quantities.end() && !found->second.value;
  });
}

std::optional<double> Follow::value_of(const Result& result, const std::string& name) {
  const auto found = result.quantities.find(name);
  if (found == result.quantities.end() || !result.converged) return std::nullopt;
  const Quantity& q = found->second;
  if (!q.value || !std::isfinite(*q.value)) return std::nullopt;
  const auto& like = like_.try_emplace(name, q).first->second;
  if (q.unit != like.unit || q.method != like.method) return std::nullopt;
  return *q.value;
}

double Follow::covariate_of(const Result& result, double index) const {
  if (!policy_.baseline->drifts || policy_.baseline->drift_in.empty()) return index;
  const auto found = result.context.environment.find(policy_.baseline->drift_in);
  if (found == result.context.environment.end() || !found->second.value) return missing_value;
  const bool other = !covariate_unit_.empty() && found->second.unit != covariate_unit_;
  return other ? missing_value : *found->second.value;
}

double Follow::next_covariate(const Result& result) const {
  return covariate_of(result, index_ + 1.0 + static_cast<double>(skipped_));
}

Sample Follow::sample_of(const Result& result) {
  const auto d = static_cast<Index>(policy_.watch.size());
  Sample out{Eigen::VectorXd::Constant(d, missing_value),
             Eigen::MatrixXd::Constant(d, d, missing_value), 0.0,
             1.0 + static_cast<double>(skipped_)};
  index_ += out.lag;
  skipped_ = 0;
  out.covariate = covariate_of(result, index_);
  if (covariate_unit_.empty() && std::isfinite(out.covariate))
    if (const auto found = result.context.environment.find(policy_.baseline->drift_in);
        found != result.context.environment.end())
      covariate_unit_ = found->second.unit;
  for (Index i = 0; i < d; ++i) {
    const auto& name = policy_.watch[static_cast<std::size_t>(i)];
    const auto value = value_of(result, name);
    if (!value) continue;
    out.value[i] = *value;
    const double sigma = result.quantities.at(name).sigma.value_or(missing_value);
    if (sigma > 0) out.covariance(i, i) = sigma * sigma;
    for (Index j = 0; j < i; ++j) {
      const auto& other = policy_.watch[static_cast<std::size_t>(j)];
      const auto shared = result.covariance.at(name, other);
      const double most = std::sqrt(out.covariance(i, i) * out.covariance(j, j));
      // Of quantities that follow from each other it is all that it can be, or above by rounding.
      if (shared && most > 0)
        out.covariance(i, j) = out.covariance(j, i) = std::clamp(*shared, -most, most);
    }
  }
  return out;
}

double Follow::inflation() const {
  if (!watch_.whitener()) return 1;
  const double phi = std::clamp(watch_.whitener()->noise().phi_found, 0.0, 0.95);
  return (1 + phi) / (1 - phi);
}

std::vector<record::Record> Follow::add(const Result& result) {
  std::vector<record::Record> out;
  informed_ = learns_ = false;
  if (result.status == record::Completeness::partial) return out;
  if (const auto why = of_no_use(result)) {
    out.emplace_back(gap_of(result, *why));
    return out;
  }
  compare_with_last(result, out);
  labels_.push_back({result.context.scan, result.header.id});
  if (labels_.size() > most_labels) {
    labels_.pop_front();
    ++first_label_;
  }
  ++count_;
  try {
    newest_sample_ = sample_of(result);
    for (const auto& finding : watch_.add(newest_sample_)) {
      Event event = event_of(finding);
      if (!result.header.id.empty()) event.header.from = {result.header.id};
      out.emplace_back(std::move(event));
      if (finding.what == Finding::What::end || finding.what == Finding::What::going_on) ++segment_;
    }
    informed_ = watch_.informed();
    learns_ = is_learnt(result);
    if (learns_) watch_.forget(true);
    warn(result, out);
  } catch (const Error& error) {
    if (error.cause() == Cause::internal) throw;
    Event refused;
    refused.what = "baseline-refused";
    refused.text = std::string("the baseline is of no use: ") + error.what() + "; another begins";
    out.emplace_back(std::move(refused));
    like_.clear();
    warning_.reset();
    watch_.interrupt();
  }
  return out;
}

}  // namespace twin::steer
