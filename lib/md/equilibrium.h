// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
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

/// Calls for \p more frames, which it puts behind those of each replica, at most twelve times:
/// until the trigger fires, and of no transient beyond 2 of its standard errors
/// (numeric/relaxation.h) more would be left in the mean of \p production frames than 0.1 of that
/// mean's. \return names of what still moves
[[nodiscard]] std::vector<std::string> settle(
    std::vector<Trajectory>& replicas, std::size_t production,
    const std::function<void(std::vector<Trajectory>&)>& more);

/// Where a trajectory that holds its own beginning has settled: the latest cut of MSER-5 of the
/// watched observables, averaged over replicas, or the first of those behind it, a twentieth of the
/// series apart, from which on it is at equilibrium by check_equilibrium(); the former where there
/// is none up to the half and to \p most.
[[nodiscard]] std::size_t settled_from(const std::vector<Trajectory>& replicas, std::size_t most);

/// The confirmation, of a production run.
struct Check {
  bool equilibrated = false;
  std::string missing;  ///< what is, with numbers
  double n_eff = 0.0;   ///< of the slowest observable, all replicas together
};

/// N_eff of each ≥ \p n_eff_wanted; first and second half within 3 standard errors; replicas
/// within 3 of each other; no transient beyond 3.3 of its standard errors that leaves more than 0.3
/// of that of the mean. Seven to twelve comparisons: about one run in fifty that is at equilibrium
/// is called not to be.
///
/// A transient whose lifetime exceeds the run cannot be told from none where it is small: of 3
/// standard deviations at three times the run's length, and an N_eff of 100, half pass.
///
/// \param before  frames of the replicas before production, of the same target: they show a
///                transient best. None where there are none
[[nodiscard]] Check check_equilibrium(const std::vector<Trajectory>& replicas,
                                      const std::vector<Trajectory>& before,
                                      double n_eff_wanted = 50.0);

}  // namespace twin::md
