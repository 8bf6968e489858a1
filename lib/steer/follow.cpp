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
constexpr std::size_t remembered = 5000;

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

record::Gap gap_of(const Result& result, const std::string& reason) {
  record::Gap out;
  out.reason = reason;
  out.count = 1;
  if (!result.header.id.empty()) out.header.from = {result.header.id};
  return out;
}

/// A JSON number is finite.
Value number(double value) { return std::isfinite(value) ? Value(value) : Value(); }

}  // namespace

Follow::Follow(const record::Policy& policy)
    : policy_(policy), threshold_(threshold_of(policy)), watch_(settings_of(policy, threshold_)) {}

void Follow::skip(std::int64_t count) { skipped_ += std::max<std::int64_t>(0, count); }

/// Why a result is no sample.
std::optional<std::string> Follow::of_no_use(const Result& result) {
  if (const auto& id = result.header.id; !id.empty()) {
    if (!known_ids_.insert(id).second) return "a result came twice";
    ids_.push_back(id);
    if (ids_.size() > remembered) {
      known_ids_.erase(ids_.front());
      ids_.pop_front();
    }
  }
  const auto& scan = result.context.scan;
  if (result.revision > 0 && !scan.empty() &&
      std::ranges::any_of(labels_, [&](const Label& label) { return label.scan == scan; }))
    return "a revision of a result that was counted";
  if (const auto time = parse_utc(result.header.time)) {
    if (*time < newest_) return "a result came late: it is older than one before it";
    newest_ = *time;
  }
  return std::nullopt;
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

double Follow::covariate_of(const Result& result) {
  if (!policy_.baseline->drifts || policy_.baseline->drift_in.empty()) return index_;
  const auto found = result.context.environment.find(policy_.baseline->drift_in);
  if (found == result.context.environment.end() || !found->second.value) return missing_value;
  if (covariate_unit_.empty()) covariate_unit_ = found->second.unit;
  return found->second.unit == covariate_unit_ ? *found->second.value : missing_value;
}

Sample Follow::sample_of(const Result& result) {
  const auto d = static_cast<Index>(policy_.watch.size());
  Sample out{Eigen::VectorXd::Constant(d, missing_value),
             Eigen::MatrixXd::Constant(d, d, missing_value), 0.0,
             1.0 + static_cast<double>(skipped_)};
  index_ += out.lag;
  skipped_ = 0;
  out.covariate = covariate_of(result);
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

std::vector<record::Record> Follow::add(const Result& result) {
  std::vector<record::Record> out;
  if (result.status == record::Completeness::partial) return out;
  if (const auto why = of_no_use(result)) {
    out.emplace_back(gap_of(result, *why));
    return out;
  }
  if (any_ && result.context.setup != setup_) {
    watch_.interrupt();
    out.emplace_back(gap_of(result, "the set-up is another: a new mean is learnt"));
  }
  any_ = true;
  setup_ = result.context.setup;
  labels_.push_back({result.context.scan, result.header.id});
  if (labels_.size() > remembered) {
    labels_.pop_front();
    ++first_label_;
  }
  ++count_;
  try {
    for (const auto& finding : watch_.add(sample_of(result))) {
      Event event = event_of(finding);
      if (!result.header.id.empty()) event.header.from = {result.header.id};
      out.emplace_back(std::move(event));
    }
  } catch (const Error& error) {
    if (error.cause() == Cause::internal) throw;
    Event refused;
    refused.what = "baseline-refused";
    refused.text = std::string("the baseline is of no use: ") + error.what() + "; another begins";
    out.emplace_back(std::move(refused));
    watch_.interrupt();
  }
  return out;
}

/// As people know a sample: its scan, else its number. Times of writing are no part of an id.
std::string Follow::name_of(double sample) const {
  const auto number = static_cast<long long>(sample);
  const auto at = static_cast<std::size_t>(std::max(0LL, number - first_label_));
  if (number < first_label_ || at >= labels_.size()) return "sample " + std::to_string(number);
  const Label& label = labels_[at];
  return label.scan.empty() ? "sample " + std::to_string(number) : label.scan;
}

Value Follow::value_of(const Instant& instant) const {
  Value out;
  for (const auto& [key, at] : {std::pair("best", instant.best), std::pair("low", instant.low),
                                std::pair("high", instant.high)}) {
    Value one;
    one.set("sample", Value(static_cast<std::int64_t>(at)));
    const auto index = static_cast<long long>(at) - first_label_;
    if (index >= 0 && index < static_cast<long long>(labels_.size())) {
      const Label& label = labels_[static_cast<std::size_t>(index)];
      if (!label.scan.empty()) one.set("scan", label.scan);
      if (!label.id.empty()) one.set("id", label.id);
    }
    out.set(key, one);
  }
  return out;
}

std::string Follow::noise_text() const {
  const Noise& noise = watch_.whitener()->noise();
  std::vector<std::string> parts;
  if (noise.dof > 0)
    parts.push_back("χ² " + significant(noise.chi2, 3) + "/" + significant(noise.dof, 3) +
                    " by the errors stated");
  parts.push_back("autocorrelation " + with_uncertainty(noise.phi_found, noise.phi_sigma));
  for (Index i = 0; i < noise.scale.size(); ++i) {
    const auto at = static_cast<std::size_t>(noise.order[static_cast<std::size_t>(i)]);
    const std::string name = printable(policy_.watch[at]);
    if (noise.claimed[i] <= 0)
      parts.push_back(name + " states no error: its scatter counts");
    else if (noise.scale[i] != 1)
      parts.push_back("errors of " + name + " times " + significant(std::sqrt(noise.scale[i]), 3));
  }
  const auto left_out = [&](const std::vector<Index>& which, const std::string& why) {
    for (const Index i : which)
      parts.push_back(printable(policy_.watch[static_cast<std::size_t>(i)]) +
                      " is left out: " + why);
  };
  left_out(noise.absent, "seldom there, or with the others");
  left_out(noise.constant, "constant");
  left_out(noise.dependent, "it follows from the others");
  const double sigma = noise.phi_sigma * std::sqrt(static_cast<double>(noise.phi.size()));
  if (std::abs(noise.second) > 3 * std::max(noise.phi_sigma, 0.3 * sigma))
    parts.push_back("more than one lag is correlated, which is not accounted for: " +
                    significant(noise.second, 2) + " at the second");
  return join(parts, "; ");
}

Event Follow::event_of(const Finding& f) const {
  using What = Finding::What;
  Event out;
  Value details;
  details.set("sample", Value(static_cast<std::int64_t>(f.sample)));
  if (f.what == What::baseline) {
    out.what = "baseline";
    const Noise& noise = watch_.whitener()->noise();
    details.set("log_threshold", number(threshold_));
    details.set("autocorrelation", number(noise.phi_found));
    details.set("autocorrelation_sigma", number(noise.phi_sigma));
    if (noise.dof > 0) {
      details.set("chi2", number(noise.chi2));
      details.set("dof", number(noise.dof));
      out.p = noise.p;
    }
    out.header.extra.set("details", details);
    out.text = "baseline of " + std::to_string(policy_.baseline->samples) +
               " samples: " + noise_text() + "; changes are looked for";
    return out;
  }
  const bool over = f.what == What::end;
  out.what = f.what == What::change     ? "change"
             : f.what == What::revision ? "onset"
             : over                     ? "change-end"
                                        : "change-goes-on";
  const Instant& at = over ? f.end : f.onset;
  out.first = name_of(at.low);
  out.second = name_of(at.high);
  details.set("course", f.step ? "step" : "slow");
  details.set("log_sum", number(f.log_sum));
  details.set("log_threshold", number(threshold_));
  details.set("onset", value_of(f.onset));
  if (over) details.set("end", value_of(f.end));
  details.set("ended", number(f.ended));
  std::vector<std::string> changed, rest;
  Value adjusted;
  for (const auto& effect : f.effects) {
    const auto& name = policy_.watch[static_cast<std::size_t>(effect.quantity)];
    auto& quantity = out.quantities[name];
    const auto like = like_.find(name);
    if (like != like_.end()) {
      quantity.unit = like->second.unit;
      quantity.method = like->second.method;
    }
    adjusted.set(name, number(effect.p));
    if (!(effect.sigma > 0) || !std::isfinite(effect.value) || !std::isfinite(effect.sigma))
      continue;
    quantity.value = effect.value;
    quantity.sigma = effect.sigma;
    out.p = std::min(out.p, effect.p);
    const bool significant_one = effect.p < policy_.false_alarms;
    if (significant_one) out.significant.push_back(name);
    const std::string unit = quantity.unit.empty() ? "" : " " + printable(quantity.unit);
    if (significant_one)
      changed.push_back(printable(name) + " by " + with_uncertainty(effect.value, effect.sigma) +
                        unit);
    else
      rest.push_back(printable(name));
  }
  details.set("p", adjusted);
  out.header.extra.set("details", details);
  const std::string where = printable(name_of(at.best)) + ", 95 %: " + printable(out.first) +
                            " to " + printable(out.second);
  const std::string kind = f.step ? "step" : "slow change";
  out.text = f.what == What::change     ? kind + " found, onset " + where
             : f.what == What::revision ? "onset " + where
             : over                     ? kind + " over, end " + where
                    : "the change goes on: a new baseline begins; onset " + where;
  if (!changed.empty()) out.text += "; " + join(changed, ", ");
  if (changed.empty()) out.text += "; no quantity alone is significant";
  if (!rest.empty() && !changed.empty()) out.text += "; not " + join(rest, ", ");
  if (f.restless && f.what == What::change)
    out.text +=
        "; the third in a row right behind a new baseline: the stream drifts, see drift in "
        "twin-policy(5)";
  return out;
}

}  // namespace twin::steer
