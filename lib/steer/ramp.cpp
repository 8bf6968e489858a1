// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/ramp.h"

#include <algorithm>
#include <cmath>

namespace twin::steer {

namespace {

constexpr std::size_t fewest_values = 5, ramp_values = 500;
constexpr double few_intervals = 5;

}  // namespace

void Ramp::add(double time, double condition) {
  if (!values_.empty()) {
    // Of another clock, or behind a gap: what was before says nothing of how it goes on.
    const double gap = time - values_.back().time;
    const double often = (values_.back().time - values_.front().time) /
                         static_cast<double>(std::max<std::size_t>(1, values_.size() - 1));
    if (gap < 0 || (gap > window_ && values_.size() > 1 && gap > few_intervals * often))
      values_.clear();
  }
  values_.push_back({time, condition});
  while (values_.size() > ramp_values ||
         (values_.size() > fewest_values && values_.front().time < time - window_))
    values_.pop_front();
}

std::optional<Ramp::Line> Ramp::line() const {
  if (values_.size() < fewest_values) return std::nullopt;
  const auto n = static_cast<double>(values_.size());
  const Value& last = values_.back();
  double t = 0, y = 0;
  for (const Value& v : values_) {
    t += (v.time - last.time) / n;
    y += (v.condition - last.condition) / n;
  }
  double tt = 0, ty = 0, yy = 0;
  for (const Value& v : values_) {
    const double dt = v.time - last.time - t, dy = v.condition - last.condition - y;
    tt += dt * dt;
    ty += dt * dy;
    yy += dy * dy;
  }
  if (!(tt > 0)) return std::nullopt;
  Line out;
  out.time = last.time;
  out.rate = ty / tt;
  out.level = last.condition + y - out.rate * t;
  const double variance = std::max(0.0, yy - ty * ty / tt) / (n - 2);
  out.rate_variance = variance / tt;
  out.level_variance = variance / n + out.rate_variance * t * t;
  out.covariance = -t * out.rate_variance;
  return out;
}

Normal Ramp::Line::in(double seconds) const {
  const double variance =
      level_variance + 2 * seconds * covariance + seconds * seconds * rate_variance;
  return {level + rate * seconds, std::sqrt(std::max(0.0, variance))};
}

}  // namespace twin::steer
