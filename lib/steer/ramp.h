// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <optional>

#include "steer/transition_belief.h"

namespace twin::steer {

/// How a driving condition goes on: a straight line through what was measured of it in the last
/// while, at least five and at most 500 values, with its scatter about that line.
class Ramp {
 public:
  /// \param window  s of which values count, > 0
  explicit Ramp(double window) : window_(window) {}

  /// \param time  s; before that of the last one, or long behind it, it begins anew
  void add(double time, double condition);

  struct Line {
    double time = 0.0;               ///< s, of the newest value
    double level = 0.0, rate = 0.0;  ///< there, and per second
    double level_variance = 0.0, rate_variance = 0.0, covariance = 0.0;

    [[nodiscard]] Normal in(double seconds) const;
  };

  /// Nothing: fewer than five values, or all of one time.
  [[nodiscard]] std::optional<Line> line() const;

 private:
  struct Value {
    double time = 0.0, condition = 0.0;
  };
  double window_;
  std::deque<Value> values_;
};

}  // namespace twin::steer
