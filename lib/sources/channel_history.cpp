// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/channel_history.h"

#include <algorithm>
#include <cmath>

namespace twin::sources {

namespace {

constexpr std::size_t most_samples = std::size_t{1} << 18;

ChannelFound found_in(const ChannelSample& sample) {
  ChannelFound out;
  if (sample.why == NoValue::none) out.value = sample.value;
  out.why = sample.why;
  out.samples = sample.why == NoValue::none ? 1 : 0;
  out.severity = sample.severity;
  out.alarm = sample.alarm;
  out.stamp = sample.stamp;
  return out;
}

ChannelFound nothing_known() {
  ChannelFound out;
  out.why = NoValue::unknown;
  return out;
}

/// Mean and spread as samples come, by West's recurrence; doi:10.1145/359146.359153.
struct WeightedMean {
  double weight = 0, mean = 0, squares = 0;

  void add(double value, double seconds) {
    weight += seconds;
    const double step = (value - mean) * seconds / weight;
    squares += seconds * (value - mean) * (value - mean - step);
    mean += step;
  }
};

}  // namespace

void ChannelHistory::add(ChannelSample sample) {
  while (!samples_.empty() && samples_.back().from > sample.from) samples_.pop_back();
  samples_.push_back(sample);
  if (samples_.size() > most_samples) samples_.pop_front();
}

ChannelFound ChannelHistory::at(double at, double tolerance) const {
  const auto later = std::ranges::upper_bound(samples_, at, {}, &ChannelSample::from);
  if (later != samples_.begin()) return found_in(*std::prev(later));
  const auto first = std::ranges::find(samples_, NoValue::none, &ChannelSample::why);
  if (first != samples_.end() && first->from <= at + tolerance) return found_in(*first);
  return nothing_known();
}

ChannelFound ChannelHistory::over(double from, double to, double tolerance) const {
  if (!(from < to) || samples_.empty() || samples_.front().from >= to) return at(to, tolerance);
  ChannelFound out, worst_gap = nothing_known();
  double longest = std::max(0.0, samples_.front().from - from);
  WeightedMean sum;
  const auto later = std::ranges::upper_bound(samples_, from, {}, &ChannelSample::from);
  const auto begun = static_cast<std::size_t>(later - samples_.begin());
  for (std::size_t i = begun > 0 ? begun - 1 : 0; i < samples_.size() && samples_[i].from < to;
       ++i) {
    const ChannelSample& one = samples_[i];
    const double begin = std::max(from, one.from);
    const double end = i + 1 < samples_.size() ? std::min(to, samples_[i + 1].from) : to;
    if (!(begin < end)) continue;
    if (one.why == NoValue::none) {
      sum.add(one.value, end - begin);
      ++out.samples;
      if (one.severity >= out.severity) out.severity = one.severity, out.alarm = one.alarm;
      out.stamp = one.stamp;
    } else if (end - begin > longest) {
      longest = end - begin;
      worst_gap = found_in(one);
    }
  }
  out.missing_seconds = std::max(0.0, to - from - sum.weight);
  if (out.missing_seconds > 0.5 * (to - from)) {
    worst_gap.missing_seconds = out.missing_seconds;
    return worst_gap;
  }
  out.spread = std::sqrt(std::max(0.0, sum.squares / sum.weight));
  if (std::isfinite(sum.mean) && std::isfinite(out.spread))
    out.value = sum.mean;
  else
    out.why = NoValue::not_finite;
  return out;
}

}  // namespace twin::sources
