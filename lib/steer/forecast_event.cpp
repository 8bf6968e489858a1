// SPDX-License-Identifier: GPL-3.0-or-later
// What is forecast, told: see forecast.h.
#include "core/text.h"
#include "steer/forecast.h"

namespace twin::steer {

using record::Value;

record::Event Forecast::event_of(const Prediction& now) const {
  const auto& transition = now.transition;
  const Expected& one = all_[which_];
  const auto onset_at = [&](double share) { return one.sign * one.belief.onset_quantile(share); };
  const double middle = onset_at(0.5), low = onset_at(transition.rising ? 0.025 : 0.975),
               high = onset_at(transition.rising ? 0.975 : 0.025);
  record::Event out;
  out.what = "forecast";
  out.first = transition.from;
  out.second = transition.to;
  Value details, onset;
  onset.set("median", Value(middle));
  onset.set("low", Value(low));
  onset.set("high", Value(high));
  if (!scan_.empty()) details.set("scan", Value(scan_));
  details.set("probability", Value(now.probability));
  details.set("within_seconds", Value(rule_.horizon_seconds));
  details.set("in", Value(transition.in));
  details.set("unit", Value(transition.unit));
  details.set("now", Value(now.now));
  details.set("rate_per_second", Value(now.rate));
  details.set("onset", onset);
  out.header.extra.set("details", details);
  const std::string unit = transition.unit.empty() ? "" : " " + transition.unit;
  out.text = "transition " + printable(transition.from) + " to " + printable(transition.to) +
             " within " + significant(rule_.horizon_seconds, 3) + " s: probability " +
             significant(now.probability, 2) + "; " + printable(transition.in) + " " +
             significant(now.now, 4) + unit + ", " + significant(now.rate * 60, 2) + unit +
             " a minute; onset at " + significant(middle, 4) + unit +
             ", 95 %: " + significant(low, 4) + " to " + significant(high, 4);
  return out;
}

}  // namespace twin::steer
