// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "md/observables.h"

namespace twin::md {

/// The observables that decide: distance and σ² of the shortest bonds, the RMSD of the coordinates,
/// the potential energy, the volume, the mean angle at the corners that octahedra share (their
/// tilt). The slowest of them counts; one that can't change (the volume of a fixed cell, the angle
/// where there are no octahedra) is left out.
struct Watched {
  std::string name;
  double (*value)(const FrameValues&);
};
[[nodiscard]] const std::vector<Watched>& watched();

/// The trigger: MSER-5 of each watched observable, averaged over replicas, keeps more than half of
/// the series. \return names of those that are still on their way; empty = go on to production
[[nodiscard]] std::vector<std::string> still_moving(const std::vector<Trajectory>& replicas);

/// Where a trajectory that holds its own beginning has settled: the latest cut of MSER-5 of the
/// watched observables, averaged over replicas; the half where one still moves there.
[[nodiscard]] std::size_t settled_from(const std::vector<Trajectory>& replicas);

/// The confirmation, of a production run.
struct Check {
  bool equilibrated = false;
  std::string missing;  ///< what is, with numbers
  double n_eff = 0.0;   ///< of the slowest observable, all replicas together
};

/// N_eff of each ≥ \p n_eff_wanted; first and second half within 3 standard errors; replicas
/// within 3 of each other. Six to ten comparisons: about one run in fifty that is at equilibrium
/// is called not to be.
[[nodiscard]] Check check_equilibrium(const std::vector<Trajectory>& replicas,
                                      double n_eff_wanted = 50.0);

}  // namespace twin::md
