// SPDX-License-Identifier: GPL-3.0-or-later
// What is found in a stream, told: see follow.h.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "steer/follow.h"

namespace twin::steer {

using Eigen::Index;
using record::Event;
using record::Value;

namespace {

/// A JSON number is finite.
Value number(double value) { return std::isfinite(value) ? Value(value) : Value(); }

}  // namespace

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
  if ((noise.scale.array() != 1).any() || (noise.claimed.array() <= 0).any())
    parts.push_back("false alarms are bounded only as well as these errors are known");
  const double sigma = noise.phi_sigma * std::sqrt(static_cast<double>(noise.phi.size()));
  if (std::abs(noise.second) > 3 * std::max(noise.phi_sigma, 0.3 * sigma))
    parts.push_back("more than one lag is correlated, which is not accounted for: " +
                    significant(noise.second, 2) + " at the second");
  return join(parts, "; ");
}

Event Follow::event_of(const Slowing& slowing) const {
  const auto& order = watch_.whitener()->noise().order;
  const auto& name =
      policy_.watch[static_cast<std::size_t>(order[static_cast<std::size_t>(slowing.coordinate)])];
  Event out;
  out.what = "early-warning";
  Value details;
  details.set("sample", Value(static_cast<std::int64_t>(count_ - 1)));
  details.set("quantity", Value(name));
  details.set("window", Value(static_cast<std::int64_t>(policy_.early_warnings->window)));
  details.set("variance_ratio", number(slowing.variance));
  details.set("autocorrelation_before", number(slowing.autocorrelation_before));
  details.set("autocorrelation", number(slowing.autocorrelation));
  details.set("z", number(slowing.z));
  details.set("z_threshold", number(slowing.threshold));
  out.header.extra.set("details", details);
  out.text = printable(name) + " fluctuates more and returns more slowly than at first: variance " +
             significant(slowing.variance, 2) + " times, autocorrelation " +
             significant(slowing.autocorrelation, 2) + " instead of " +
             significant(slowing.autocorrelation_before, 2) + " in the last " +
             std::to_string(policy_.early_warnings->window) + " samples (z " +
             significant(slowing.z, 2) +
             "): so do some systems before a transition; nothing is asked for by it";
  return out;
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
