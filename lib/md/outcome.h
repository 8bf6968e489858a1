// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "md/observables.h"
#include "md/plan.h"
#include "md/simulate.h"

namespace twin::md {

/// What a production run has gathered.
struct Production {
  std::vector<Trajectory> replicas;
  std::vector<std::vector<Eigen::VectorXd>> neighbours;  ///< [shells] of some frames of each
};

/// Observables, equilibrium and the temperatures of a production run at \p thermostat K.
[[nodiscard]] Outcome conclude(const Plan& plan, const Shells& shells, const Production& production,
                               double thermostat);

/// θ of the shortest bond from frames at a known classical temperature, K.
[[nodiscard]] numeric::Mean einstein_of(const std::vector<Trajectory>& replicas, const Plan& plan,
                                        const Shells& shells, double thermostat);

}  // namespace twin::md
