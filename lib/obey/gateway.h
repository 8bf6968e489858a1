// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "record/bounds.h"
#include "record/records.h"

namespace twin::obey {

/// An instant by both clocks.
struct Now {
  double wall = 0.0;       ///< s since 1970
  double monotonic = 0.0;  ///< s
};

/// What the beamline is to be told.
struct Order {
  std::string mode, scan;
  double every_seconds = 0.0;

  bool operator==(const Order&) const = default;
};

/// What the gateway says to something that came in.
struct Answer {
  std::optional<Order> order;  ///< to be sent
  std::string what;  ///< "mode-ordered", "command-refused", "safe-mode" ...; "" = nothing happened
  std::string reason;  ///< one sentence

  [[nodiscard]] bool empty() const { return what.empty(); }
};

/// What is kept between two runs of the program.
struct Memory {
  double dose_Gy = 0.0;         ///< spent
  double newest_command = 0.0;  ///< s since 1970: when the newest command that was taken was issued
  double spends_Gy_s = 0.0, at = 0.0;  ///< by orders, uncounted since at, s since 1970; 0 = none
};

/// Decides which commands reach the beamline. It does nothing itself, and looks at no clock: the
/// same inputs at the same instants give the same orders, so that a log of them can be replayed.
/// Time that passes without an answer changes nothing in it.
///
/// Whatever comes in, an order names a mode of the bounds, its interval lies within theirs, and
/// - a command counts while it is younger than its time to live, and newer than all before it;
///   when it has expired, the safe mode is ordered (the dead man's handle);
/// - a command that is not finite, of an unknown mode, or from the future is refused, and what was
///   ordered before goes on until it expires;
/// - intervals shrink no faster than the slew allows, and are the mode's own where no other one
///   reaches the beamline; changes keep their dwell, and no more orders
///   go out in a minute than were allowed; the safe mode may always be ordered;
/// - when a mode's time, or the dose, is spent, the safe mode is ordered;
/// - an operator's override, a suspension, a mode that nobody ordered, or an order that the
///   beamline does not confirm ends the obeying: see each function.
class Gateway {
 public:
  /// \param bounds  must outlive this
  explicit Gateway(const record::Bounds& bounds, Memory memory = {});

  /// The first order: the safe mode, as nothing is known yet; again when it is armed later. Once
  /// orders are sent, what may have been spent since the last word of those before is counted.
  /// \param armed  else orders are only said, and nobody confirms them
  [[nodiscard]] Answer begin(Now now, bool armed = true);

  /// The token holds no more: orders are only said until it begins again.
  [[nodiscard]] Answer disarm(Now now);

  /// A command was found.
  [[nodiscard]] Answer take(const record::Command& command, Now now);

  /// Nothing came: what time brings about.
  [[nodiscard]] Answer tick(Now now);

  /// The clocks went apart: nothing is known of the age of a command.
  [[nodiscard]] Answer clock_jumped(Now now);

  /// An operator has, or gave back, the beamline. While he has it nothing is ordered at all.
  [[nodiscard]] Answer overridden(bool by_operator, Now now);

  /// There is no beam, or there is again: the safe mode meanwhile, and until it has been there for
  /// a while.
  [[nodiscard]] Answer suspended(bool no_beam, Now now);

  /// The mode that the beamline says it is in. Another one than was ordered, once that had been
  /// confirmed, was set by somebody: nothing more is ordered in this run.
  /// \param by_hand  it is known that somebody did, though the order was not confirmed
  [[nodiscard]] Answer read_back(const std::string& mode, Now now, bool by_hand = false);

  /// An order could not be sent: in this run nothing more is ordered but the safe mode, which is
  /// tried as often as this is called.
  [[nodiscard]] Answer failed(const std::string& why, Now now);

  /// The program ends: the safe mode, also where it was ordered already.
  [[nodiscard]] Answer end(Now now);

  [[nodiscard]] Memory memory(Now now) const;
  [[nodiscard]] const std::optional<Order>& ordered() const { return ordered_; }
  /// Whether the beamline has said that it is in the mode that was ordered.
  [[nodiscard]] bool confirmed() const { return ordered_ && confirmed_; }

 private:
  static constexpr double counted_every = 60;  ///< s: a dose is spent untold for so long at most

  struct Wish {
    std::string mode, reason;
    double every = 0.0, expires = 0.0;  ///< s; wall
  };

  [[nodiscard]] Answer refuse(const record::Command& command, const std::string& why) const;
  [[nodiscard]] Answer safe(const std::string& why, Now now, bool again = false);
  [[nodiscard]] Answer order(Order order, const std::string& why, Now now);
  [[nodiscard]] Answer pursue(Now now);
  [[nodiscard]] double slewed(double wanted, Now now) const;
  [[nodiscard]] std::string spent(const std::string& mode, Now now) const;
  [[nodiscard]] double dose(Now now) const;
  [[nodiscard]] double used(const std::string& mode, Now now) const;
  void count(Now now);
  void count_before(Now now);
  void forget_order(Now now);

  const record::Bounds& bounds_;
  Memory memory_;
  std::string command_, issued_, writer_;  ///< id, time and `by` of the newest command
  std::int64_t sequence_ = 0;              ///< of it
  std::optional<Wish> wish_;
  std::optional<Order> ordered_;
  Now ordered_at_;
  double counted_at_ = 0.0;  ///< monotonic: until then dose and times of modes are counted
  double mode_since_ = 0.0;  ///< monotonic: the mode has been the ordered one
  std::deque<double> sent_;  ///< monotonic, of the last minute
  bool confirmed_ = false;   ///< the order
  double unconfirmed_since_ = 0.0, resumes_ = 0.0;  ///< monotonic
  bool operator_has_ = false, no_beam_ = false, armed_ = true;
  bool disarmed_ = false;  ///< nothing is ordered but the safe mode
  bool by_hand_ = false;   ///< not even that: somebody has set the mode himself

  /// How long a mode has lasted, s, less what it has rested since.
  struct Use {
    double seconds = 0.0, at = 0.0;  ///< at: monotonic
  };
  std::map<std::string, Use> uses_;
  std::map<std::string, double> barred_;  ///< monotonic, until when: modes whose time is over
};

}  // namespace twin::obey
