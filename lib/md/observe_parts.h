// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atoms/trajectory.h"
#include "md/observables.h"
#include "md/plan.h"
#include "md/simulate.h"

/// What a plan takes from trajectories that were run elsewhere.
namespace twin::md {

/// "; supercell: [8, 8, 8] would have as many" where that is so of a frame's atoms.
[[nodiscard]] std::string perhaps_supercell(const Plan& plan, const atoms::TrajectoryFrame& frame);

/// The potential that a file names becomes the plan's, with a warning where the model has another.
/// One that is no plain name is left alone.
void name_potential(Plan& plan, const std::string& told);

/// K, classical: see observe().  \throws Error{configuration}  nobody tells it
[[nodiscard]] double temperature_of_run(Plan& plan, const Known& known,
                                        const atoms::TrajectoryOrigin& origin,
                                        const std::vector<Trajectory>& frames);

/// Between frames, where their times are there and evenly apart (to 1 %).
[[nodiscard]] std::optional<double> interval_ps(const std::vector<std::optional<double>>& times);

}  // namespace twin::md
