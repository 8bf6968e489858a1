// SPDX-License-Identifier: GPL-3.0-or-later
// What modes that were ordered have used: time, dose.
#include <algorithm>
#include <utility>

#include "core/text.h"
#include "obey/gateway.h"

namespace twin::obey {

using record::AllowedMode;

namespace {

/// Gy/s
double rate(const AllowedMode& mode, double every_seconds) { return mode.dose_Gy / every_seconds; }

}  // namespace

/// What was ordered until now is spent, and lasted so long.
void Gateway::count(Now now) {
  memory_.dose_Gy = dose(now);
  if (ordered_) uses_[ordered_->mode] = {used(ordered_->mode, now), now.monotonic};
  counted_at_ = now.monotonic;
}

/// What was ordered goes on until the beamline sees by itself that nobody orders any more, and is
/// in its safe mode then; where a program is told, it never sees.
void Gateway::count_before(Now now) {
  const double since = std::exchange(memory_.at, 0.0);
  const double ordered = std::exchange(memory_.spends_Gy_s, 0.0);
  if (since <= 0) return;
  const double passed = std::max(0.0, now.wall - since);
  const double most = counted_every + bounds_.actuator.file_seconds;
  const double untold = bounds_.actuator.program.empty() ? std::min(passed, most) : passed;
  const AllowedMode& calm = bounds_.modes.at(bounds_.safe_mode);
  memory_.dose_Gy += untold * ordered + (passed - untold) * rate(calm, calm.every_seconds);
}

void Gateway::forget_order(Now now) {
  count(now);
  ordered_.reset();
  confirmed_ = false;
}

/// Seconds that a mode has lasted; it rests as fast as it is used.
double Gateway::used(const std::string& mode, Now now) const {
  const auto use = uses_.find(mode);
  const bool on = ordered_ && ordered_->mode == mode;
  if (use == uses_.end()) return on ? now.monotonic - counted_at_ : 0;
  if (on) {
    const double rested = std::max(0.0, mode_since_ - use->second.at);
    return std::max(0.0, use->second.seconds - rested) + now.monotonic -
           std::max(use->second.at, mode_since_);
  }
  return std::max(0.0, use->second.seconds - (now.monotonic - use->second.at));
}

/// Why a mode may not go on, or begin; "" when it may.
std::string Gateway::spent(const std::string& name, Now now) const {
  const AllowedMode& mode = bounds_.modes.at(name);
  const bool on = ordered_ && ordered_->mode == name;
  if (on && mode.at_most_seconds && used(name, now) >= *mode.at_most_seconds)
    return name + " has lasted " + shortest(*mode.at_most_seconds) + " s, as long as it may";
  const auto barred = barred_.find(name);
  if (!on && barred != barred_.end() && now.monotonic < barred->second)
    return name + " has lasted as long as it may; it rests as long";
  if (bounds_.dose_budget && dose(now) >= *bounds_.dose_budget * (1 - bounds_.dose_reserve))
    return "a dose of " + significant(dose(now), 3) + " Gy is spent, of " +
           shortest(*bounds_.dose_budget) + " Gy";
  return "";
}

double Gateway::dose(Now now) const {
  if (!ordered_ || !armed_) return memory_.dose_Gy;
  const double passed = std::max(0.0, now.monotonic - counted_at_);
  return memory_.dose_Gy + passed * rate(bounds_.modes.at(ordered_->mode), ordered_->every_seconds);
}

Memory Gateway::memory(Now now) const {
  if (!ordered_ || !armed_) return memory_;  // what was there before is still to be counted
  return {dose(now), memory_.newest_command,
          rate(bounds_.modes.at(ordered_->mode), ordered_->every_seconds), now.wall};
}

}  // namespace twin::obey
