// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "record/policy.h"

namespace twin::steer {

/// What the stream says at one of its results.
struct Outlook {
  double time = 0.0;           ///< s, of the result; any origin
  bool changing = false;       ///< a change was found and is not over
  double below_alarm = 1e300;  ///< log A - log R: how far R is from an alarm
  bool expected = false;       ///< a transition is forecast: the policy's forecast asks for a mode
  std::string forecast{};      ///< of which, in words
};

/// Which mode to ask for, and why.
struct Wish {
  std::string mode, reason;
};

/// The modes of a policy, entered and left by what the stream says:
///
///   quiet → watch      R is within e³ of an alarm, or nearer
///   any → track        a change was found
///   any → forecast     a transition is expected, by the policy's forecast: the mode that it names
///   forecast → quiet   it is no longer, by way of cool-down
///   watch → quiet      R has been farther than e⁶ from one for the policy's hold
///   track → cool-down  the change is over, or the mode's longest time is
///   cool-down → quiet  after hold
///
/// A policy without a mode watch or cool-down has quiet in its place. No mode but track and
/// that of a forecast is entered before the last one has lasted for the policy's dwell. Each scan
/// costs the dose of the mode that is asked for; a mode of which one more scan would spend more
/// than the budget less its reserve is not asked for: the safe mode is. Looks at no clock: the same
/// results give the same wishes.
class Modes {
 public:
  /// \param policy  must outlive this
  /// \param dose    spent before, Gy
  explicit Modes(const record::Policy& policy, double dose = 0.0) : policy_(policy), dose_(dose) {}

  /// A scan was measured, of whatever use it is: it costs the dose of the mode that was asked for,
  /// where none was yet that of the dearest.
  void spend();

  /// A result came; what it cost was spent before.
  /// \return  the mode from now on, when it is another
  [[nodiscard]] std::optional<Wish> take(const Outlook& outlook);

  [[nodiscard]] double dose_Gy() const { return dose_; }
  [[nodiscard]] const std::string& mode() const { return mode_; }
  /// "quiet", "watch", "track", "forecast" or "cool-down".
  [[nodiscard]] std::string state() const;

 private:
  enum class State { quiet, watch, track, forecast, cool_down };

  [[nodiscard]] State next(const Outlook& outlook);
  [[nodiscard]] std::string mode_of(State state) const;
  [[nodiscard]] bool has_lasted(const std::string& mode, double seconds) const;
  [[nodiscard]] std::string reason_of(State state, const Outlook& outlook) const;

  const record::Policy& policy_;
  double dose_;
  bool begun_ = false;
  bool tired_ = false, tired_of_forecast_ = false;  // the mode has lasted as long as it may
  State state_ = State::quiet;
  double since_ = 0.0;     // the state
  bool worn_ = false;      // it cools down as the mode has lasted as long as it may
  double expected_ = 0.0;  // when a transition was expected last
  double silent_ = 0.0;    // R has been far from an alarm, or the change over
  std::string mode_;
};

}  // namespace twin::steer
