// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/modes.h"

#include <algorithm>

#include "core/text.h"

namespace twin::steer {

Modes::State Modes::next(const Outlook& outlook) {
  // While a change goes on R stands where it alarmed, and says nothing of another.
  const bool near = !outlook.changing && outlook.below_alarm < 3;
  const bool far = outlook.changing || outlook.below_alarm > 6;
  if (!far) silent_ = outlook.time;
  const double lasted = outlook.time - since_;
  if (!outlook.changing) tired_ = false;
  if (outlook.expected)
    expected_ = outlook.time;
  else if (outlook.time - expected_ >= policy_.hold_seconds)
    tired_of_forecast_ = false;
  worn_ = worn_ && state_ == State::cool_down;
  if (outlook.changing && !tired_) {
    // Until this change is over it does not come back; nor does a forecast of it.
    worn_ = tired_ = state_ == State::track && has_lasted(policy_.track, lasted);
    tired_of_forecast_ = tired_of_forecast_ || tired_;
    return tired_ ? State::cool_down : State::track;
  }
  if (outlook.expected && !outlook.changing && !tired_of_forecast_ && policy_.forecast) {
    worn_ = tired_of_forecast_ =
        state_ == State::forecast && has_lasted(policy_.forecast->mode, lasted);
    return tired_of_forecast_ ? State::cool_down : State::forecast;
  }
  if (lasted < policy_.dwell_seconds) return state_;
  switch (state_) {
    case State::track:
    case State::forecast:
      return State::cool_down;
    case State::cool_down:
      if (lasted < policy_.hold_seconds) return state_;
      return near ? State::watch : State::quiet;
    case State::watch:
      return far && outlook.time - silent_ >= policy_.hold_seconds ? State::quiet : state_;
    case State::quiet:
      return near ? State::watch : state_;
  }
  return state_;
}

/// So long, in a mode that may not last longer.
bool Modes::has_lasted(const std::string& mode, double seconds) const {
  const auto found = policy_.modes.find(mode);
  return found != policy_.modes.end() && found->second.most_seconds &&
         seconds >= *found->second.most_seconds;
}

std::string Modes::state() const {
  switch (state_) {
    case State::watch:
      return "watch";
    case State::track:
      return "track";
    case State::forecast:
      return "forecast";
    case State::cool_down:
      return "cool-down";
    case State::quiet:
      break;
  }
  return "quiet";
}

std::string Modes::mode_of(State state) const {
  const auto known = [&](const char* name) {
    return policy_.modes.contains(name) ? std::string(name) : policy_.quiet;
  };
  switch (state) {
    case State::watch:
      return known("watch");
    case State::track:
      return policy_.track;
    case State::forecast:
      return policy_.forecast->mode;
    case State::cool_down:
      return known("cool-down");
    case State::quiet:
      break;
  }
  return policy_.quiet;
}

std::string Modes::reason_of(State state, const Outlook& outlook) const {
  switch (state) {
    case State::watch:
      return "a change may be coming: nothing is claimed";
    case State::track:
      return "a change is going on";
    case State::forecast:
      return outlook.forecast;
    case State::cool_down:
      return worn_ ? "the mode has lasted as long as it may" : "what there was is over";
    case State::quiet:
      break;
  }
  return "nothing changes";
}

void Modes::spend() {
  if (const auto mode = policy_.modes.find(mode_); mode != policy_.modes.end()) {
    dose_ += mode->second.dose_Gy;
    return;
  }
  // Nobody knows in which mode it was measured.
  double most = 0;
  for (const auto& [name, mode] : policy_.modes) most = std::max(most, mode.dose_Gy);
  dose_ += most;
}

std::optional<Wish> Modes::take(const Outlook& outlook) {
  if (!begun_) since_ = silent_ = outlook.time;
  begun_ = true;
  const State state = next(outlook);
  if (state != state_) since_ = outlook.time;
  state_ = state;
  std::string mode = mode_of(state), reason = reason_of(state, outlook);
  if (policy_.dose_budget && mode != policy_.safe_mode) {
    const double more = policy_.modes.at(mode).dose_Gy;
    if (dose_ + more > *policy_.dose_budget * (1 - policy_.dose_reserve)) {
      reason = "the dose is spent: " + significant(dose_, 3) + " of " +
               significant(*policy_.dose_budget, 3) + " Gy, with its reserve, and " + mode +
               " would take " + significant(more, 3);
      mode = policy_.safe_mode;
    }
  }
  if (mode == mode_) return std::nullopt;
  mode_ = mode;
  return Wish{mode, reason};
}

}  // namespace twin::steer
