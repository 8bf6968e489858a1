// SPDX-License-Identifier: GPL-3.0-or-later
#include "obey/gateway.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "core/units.h"

namespace twin::obey {

using record::AllowedMode;

namespace {

constexpr double dead_band = 1.1;  // of an interval: less is no other one
constexpr double same = 1e-6;      // of an interval: no more than a change of units does

Answer told(const std::string& what, const std::string& reason) { return {{}, what, reason}; }

std::string text_of(const Order& order) {
  return order.mode + " every " + shortest(order.every_seconds) + " s";
}

/// The interval that a command asks for; nothing where it leaves that to its mode.
/// \throws Error  it is none
std::optional<double> wanted_interval(const record::Command& command) {
  if (!command.details.is_object()) return std::nullopt;
  const record::Value* every = command.details.find("every");
  if (every == nullptr) return std::nullopt;
  if (!every->is_string()) throw Error(Cause::data, "every: a number with a unit is expected");
  return parse_in(every->string(), "s");
}

}  // namespace

Gateway::Gateway(const record::Bounds& bounds, Memory memory) : bounds_(bounds), memory_(memory) {}

Answer Gateway::begin(Now now, bool armed) {
  count(now);
  armed_ = armed;
  const char* what = no_beam_ ? "no-beam" : "begin";  // beginning brings no beam back
  if (by_hand_ || operator_has_) return told(what, "an operator has the beamline");
  if (armed_) count_before(now);
  forget_order(now);
  Answer answer = safe("nothing is known yet", now);
  answer.what = what;
  return answer;
}

Answer Gateway::disarm(Now now) {
  count(now);
  memory_ = memory(now);
  armed_ = false;
  return told("disarmed", "orders are only said");
}

Answer Gateway::refuse(const record::Command& command, const std::string& why) const {
  return told("command-refused", "command " + std::to_string(command.sequence) + " (" +
                                     printable(command.mode) + "): " + why);
}

Answer Gateway::take(const record::Command& command, Now now) {
  // A content has one id, however often it is asked for: the time tells a renewal.
  if (!command_.empty() && command.header.id == command_ && command.header.time == issued_)
    return {};
  const auto issued = parse_utc(command.header.time);
  const auto mode = bounds_.modes.find(command.mode);
  if (disarmed_) return refuse(command, "nothing is obeyed any more");
  if (operator_has_) return refuse(command, "an operator has the beamline");
  if (!issued) return refuse(command, "it does not say when it was issued");
  if (mode == bounds_.modes.end()) return refuse(command, "its mode is none of the allowed ones");
  const double ttl = command.ttl_seconds;
  if (!(ttl > 0 && ttl <= bounds_.longest_ttl))
    return refuse(command, "a time to live between 0 and " + shortest(bounds_.longest_ttl) +
                               " s is allowed, it has " + shortest(ttl) + " s");
  if (!(*issued <= now.wall + bounds_.clock_skew)) return refuse(command, "it is from the future");
  if (!(now.wall < *issued + ttl)) return refuse(command, "it has expired");
  const bool same_writer = command.header.by == writer_ && !command_.empty();
  if (*issued < memory_.newest_command || (same_writer && command.sequence <= sequence_))
    return refuse(command, "it is not newer than one before");
  double every = mode->second.every_seconds;
  try {
    every = wanted_interval(command).value_or(every);
  } catch (const Error& error) {
    return refuse(command, error.what());
  }
  if (!(every >= bounds_.least_every && every <= bounds_.most_every))
    return refuse(command, "an interval of " + shortest(every) + " s; " +
                               shortest(bounds_.least_every) + " to " +
                               shortest(bounds_.most_every) + " s are allowed");
  const double own = mode->second.every_seconds;
  const bool pinned = !bounds_.actuator.tells_interval();
  if (command.mode == bounds_.safe_mode)  // no command may make it a fast one
    every = pinned ? own : std::max(every, own);
  if (pinned && !(std::abs(every - own) <= same * own))
    return refuse(command, "an interval of " + shortest(every) +
                               " s; the beamline is told no other " + "than the mode's own, " +
                               shortest(own) + " s");
  if (pinned) every = own;
  memory_.newest_command = *issued;
  command_ = command.header.id;
  issued_ = command.header.time;
  writer_ = command.header.by;
  sequence_ = command.sequence;
  wish_ = {command.mode, command.reason, every, *issued + ttl};
  Answer answer = pursue(now);
  return answer.empty() ? told("command-taken", wish_->mode + ": " + wish_->reason) : answer;
}

Answer Gateway::tick(Now now) {
  if (disarmed_ || operator_has_) return {};
  if (ordered_ && armed_ && bounds_.actuator.reads_back() && !confirmed_ &&
      now.monotonic - unconfirmed_since_ > bounds_.confirm_seconds) {
    disarmed_ = true;
    Answer answer = safe(ordered_->mode + " was not confirmed within " +
                             shortest(bounds_.confirm_seconds) + " s: nothing more is ordered",
                         now, true);
    answer.what = "not-confirmed";
    return answer;
  }
  if (ordered_ && ordered_->mode != bounds_.safe_mode) {
    const std::string why = spent(ordered_->mode, now);
    if (!why.empty()) return safe(why, now);
  }
  Answer answer = pursue(now);
  // So that the log, which is the memory, has what was spent.
  if (!answer.empty() || !bounds_.dose_budget || now.monotonic - counted_at_ < counted_every)
    return answer;
  count(now);
  return told("counted", "dose " + significant(memory_.dose_Gy, 3) + " Gy");
}

Answer Gateway::clock_jumped(Now now) {
  if (disarmed_ || operator_has_) return {};
  return safe("the clock jumped: nothing is known of the age of a command", now);
}

Answer Gateway::overridden(bool by_operator, Now now) {
  if (by_operator == operator_has_) return {};
  operator_has_ = by_operator;
  wish_.reset();
  forget_order(now);  // what he sets is no change that nobody ordered
  if (!by_operator && armed_) count_before(now);
  return by_operator ? told("operator-override", "an operator has the beamline")
                     : told("operator-release", "commands count again, new ones");
}

Answer Gateway::suspended(bool no_beam, Now now) {
  if (no_beam == no_beam_) return {};
  no_beam_ = no_beam;
  if (!no_beam) {
    resumes_ = now.monotonic + bounds_.resume_seconds;
    return told("beam-back", "commands count in " + shortest(bounds_.resume_seconds) + " s");
  }
  if (disarmed_ || operator_has_) return told("no-beam", "nothing is ordered anyway");
  Answer answer = safe("there is no beam", now);
  answer.what = "no-beam";
  return answer;
}

Answer Gateway::read_back(const std::string& mode, Now now, bool by_hand) {
  if (!ordered_ || by_hand_ || operator_has_ || (disarmed_ && !by_hand)) return {};
  if (mode == ordered_->mode && !by_hand) {
    if (std::exchange(confirmed_, true)) return {};
    return told("mode-confirmed", mode);
  }
  if (!confirmed_ && !by_hand) return {};
  disarmed_ = by_hand_ = true;
  count(now);
  return told("manual-change", "the beamline is in " + printable(mode) + ", " + ordered_->mode +
                                   " was ordered: nothing more is");
}

Answer Gateway::failed(const std::string& why, Now now) {
  if (by_hand_ || operator_has_) return {};
  disarmed_ = true;
  Answer answer = safe(why + ": nothing more is ordered", now, true);
  answer.what = "not-sent";
  return answer;
}

Answer Gateway::end(Now now) {
  if (by_hand_ || operator_has_) return {};
  return safe("the program ends", now, true);
}

/// Towards what was asked for, as far as is allowed now.
Answer Gateway::pursue(Now now) {
  if (!wish_ || disarmed_ || operator_has_ || no_beam_ || now.monotonic < resumes_) return {};
  if (!(now.wall < wish_->expires)) return safe("the newest command has expired", now);
  const bool calm = wish_->mode == bounds_.safe_mode;
  if (!calm) {
    const std::string why = spent(wish_->mode, now);
    if (!why.empty()) return safe(why, now);
  }
  const Order next{wish_->mode, bounds_.modes.at(wish_->mode).scan, slewed(wish_->every, now)};
  const bool other_mode = !ordered_ || ordered_->mode != next.mode;
  if (!other_mode) {
    const double ratio = next.every_seconds / ordered_->every_seconds;
    const bool arrives = next.every_seconds == wish_->every;
    if (ratio == 1 || (!arrives && ratio < dead_band && ratio > 1 / dead_band)) return {};
  }
  if (calm) return order(next, wish_->reason, now);
  if (other_mode && ordered_ && now.monotonic - mode_since_ < bounds_.dwell_seconds) return {};
  const auto recent =
      std::ranges::count_if(sent_, [&](double at) { return now.monotonic - at < 60; });
  if (recent >= bounds_.orders_per_minute) return {};
  return order(next, wish_->reason, now);
}

/// \param again  also where it is the ordered one
Answer Gateway::safe(const std::string& why, Now now, bool again) {
  const AllowedMode& mode = bounds_.modes.at(bounds_.safe_mode);
  const Order next{bounds_.safe_mode, mode.scan, mode.every_seconds};
  wish_.reset();
  if (ordered_ == next && !again) return told("safe-mode", why);
  Answer answer = order(next, why, now);
  answer.what = "safe-mode";
  return answer;
}

Answer Gateway::order(Order next, const std::string& why, Now now) {
  const auto mode = bounds_.modes.find(next.mode);
  if (mode == bounds_.modes.end() ||
      !(next.every_seconds >= bounds_.least_every && next.every_seconds <= bounds_.most_every))
    throw Error(Cause::internal, "an order out of bounds: " + text_of(next));
  count(now);
  if (!ordered_ || ordered_->mode != next.mode) {
    if (ordered_) {
      const auto& at_most = bounds_.modes.at(ordered_->mode).at_most_seconds;
      if (at_most && used(ordered_->mode, now) >= *at_most)
        barred_[ordered_->mode] = now.monotonic + *at_most;
    }
    if (!ordered_ || confirmed_) unconfirmed_since_ = now.monotonic;
    mode_since_ = now.monotonic;
    confirmed_ = false;
  }
  while (!sent_.empty() && now.monotonic - sent_.front() >= 60) sent_.pop_front();
  sent_.push_back(now.monotonic);
  ordered_ = next;
  ordered_at_ = now;
  return {std::move(next), "mode-ordered", text_of(*ordered_) + ": " + why};
}

/// At most the slew's factor shorter than what was ordered last; than the safe mode's where nobody
/// knows what was.
double Gateway::slewed(double wanted, Now now) const {
  if (!bounds_.actuator.tells_interval()) return wanted;  // nobody would hear of those between
  double last = bounds_.modes.at(bounds_.safe_mode).every_seconds, passed = 1;
  if (ordered_) {
    last = ordered_->every_seconds;
    passed = std::clamp((now.monotonic - ordered_at_.monotonic) / bounds_.slew_seconds, 0.0, 1.0);
  }
  return std::max(wanted, last * std::pow(bounds_.slew_factor, -passed));
}

}  // namespace twin::obey
