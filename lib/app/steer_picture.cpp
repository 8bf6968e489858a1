// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_picture.h"

#include <cmath>
#include <initializer_list>
#include <utility>

#include "core/time.h"

namespace twin::app {

using record::Value;

namespace {

constexpr std::size_t most_points = 2000, most_changes = 100;

template <typename T>
void keep(std::deque<T>& all, T one, std::size_t most) {
  all.push_back(std::move(one));
  if (all.size() > most) all.pop_front();
}

double number_or_nan(const Value* value) {
  return value && value->is_number() ? value->number() : std::nan("");
}

/// A member of a member of ...
const Value* member(const Value& value, std::initializer_list<const char*> keys) {
  const Value* out = &value;
  for (const char* key : keys)
    if (out) out = out->find(key);
  return out;
}

}  // namespace

void SteerPicture::take(const record::Result& result, long long sample, double log_sum) {
  Point point;
  point.sample = sample;
  point.time = parse_utc(result.measured_at).value_or(none);
  point.covariate = none;
  point.log_sum = log_sum;
  point.scan = result.context.scan;
  point.period = result.context.period;
  if (policy_.baseline && policy_.baseline->drifts)
    if (const auto found = result.context.environment.find(policy_.baseline->drift_in);
        found != result.context.environment.end()) {
      if (covariate_unit_.empty()) covariate_unit_ = found->second.unit;
      if (found->second.unit == covariate_unit_)
        point.covariate = found->second.value.value_or(none);
    }
  for (const auto& name : policy_.watch) {
    const auto found = result.quantities.find(name);
    double value = none, sigma = 0.0;
    if (found != result.quantities.end() && result.converged &&
        units_.try_emplace(name, found->second.unit).first->second == found->second.unit) {
      value = found->second.value.value_or(none);
      sigma = found->second.sigma.value_or(0.0);
    }
    point.value.push_back(value);
    point.sigma.push_back(sigma);
  }
  ++count_;
  keep(points_, std::move(point), most_points);
}

void SteerPicture::take(const record::Command& command) {
  if (points_.empty()) return;
  keep(asked_, Asked{static_cast<double>(points_.back().sample), command.mode}, most_points);
}

void SteerPicture::take(const record::Event& event) {
  if (event.what == "period-difference") {
    differ_[event.second] = event.significant;
  } else if (event.what == "baseline") {
    const double last = number_or_nan(member(event.header.extra, {"details", "sample"}));
    const double samples = policy_.baseline ? policy_.baseline->samples : 0;
    keep(baselines_, Stretch{last - samples + 1, last, last}, most_changes);
  } else if (event.what == "change" || event.what == "onset" || event.what == "change-end" ||
             event.what == "change-goes-on") {
    take_change(event);
  }
}

void SteerPicture::take_change(const record::Event& event) {
  const Value* details = event.header.extra.find("details");
  if (!details) return;
  const auto stretch = [&](const char* name) {
    return Stretch{number_or_nan(member(*details, {name, "low", "sample"})),
                   number_or_nan(member(*details, {name, "best", "sample"})),
                   number_or_nan(member(*details, {name, "high", "sample"}))};
  };
  if (event.what == "change") {
    Change change;
    change.number = ++found_;
    change.found = number_or_nan(details->find("sample"));
    keep(changes_, std::move(change), most_changes);
  }
  if (changes_.empty()) return;
  Change& change = changes_.back();
  const Value* course = details->find("course");
  change.step = course && course->is_string() && course->string() == "step";
  change.onset = stretch("onset");
  change.significant = event.significant;
  if (event.what == "change-end") change.end = stretch("end");
}

}  // namespace twin::app
