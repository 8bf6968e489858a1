// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "atoms/frame.h"
#include "md/observables.h"

namespace twin::md {

/// With `starts: 2` every second replica begins far from the others: three times the thermostat's
/// temperature in its velocities instead of two, of which a half goes into potential energy, and
/// where the pressure is given a cell that is 2 % longer in all directions.
struct OtherStart {
  static constexpr double temperature = 1.5;  ///< times that of the first
  static constexpr double length = 1.02;      ///< likewise

  /// It is that of the replica.
  [[nodiscard]] static bool of(int replica, int starts) { return starts == 2 && replica % 2 == 1; }
};

/// What the two starts differ in, of the observables that equilibrium is judged by; "" where they
/// agree: no difference of their means is beyond 2 standard errors, or of n observables beyond
/// what one of n is beyond as rarely (4.6 % for all together, Bonferroni).
[[nodiscard]] std::string starts_differ(const std::vector<Trajectory>& replicas);

}  // namespace twin::md
