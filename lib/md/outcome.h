// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "md/crystal_outcome.h"
#include "md/observables.h"
#include "md/plan.h"
#include "md/simulate.h"

namespace twin::md {

constexpr std::size_t counted_every = 10;  ///< frames between those whose neighbours are counted

/// What a production run has gathered.
struct Production {
  /// Neighbours in each shell, of a frame that counts so much.
  struct Counted {
    Eigen::VectorXd shells;
    double weight = 1.0;
  };

  std::vector<Trajectory>
      before;  ///< of the same target, before production: they only help to judge
  std::vector<Trajectory> replicas;
  std::vector<std::vector<Counted>> neighbours;  ///< of each, from the first frame on
  std::optional<Distributions> distributions;
  Known known;

  /// Measures a frame and puts it behind those of its replica.
  void take(std::size_t replica, const Shells& shells, const Sample& sample);

  /// Room for so many frames more of a replica; put() fills it.
  void make_room(std::size_t replica, std::size_t frames);

  /// Measures frame \p index of a replica; frames of several blocks at once, if need be. The
  /// displacements are left to Distributions::follow().
  void put(std::size_t replica, std::size_t index, const Shells& shells, const Sample& sample);
};

/// One to be filled, with room for so many replicas.
[[nodiscard]] Production empty_production(const Plan& plan, std::size_t replicas);

/// What shells show of a sample, and what came with it.
[[nodiscard]] FrameValues measure(const Shells& shells, const Sample& sample);

/// The block, of four a replica, of frame \p index of \p frames.
[[nodiscard]] inline int block_of(int replica, std::size_t index, std::size_t frames) {
  return replica * 4 + static_cast<int>(std::min<std::size_t>(3, 4 * index / frames));
}

/// The observables that are means over frames, or made of them.
[[nodiscard]] record::Quantities measured(const Plan& plan, const Shells& shells,
                                          const Production& production);

/// Observables, their tangents, equilibrium and the temperatures of a production run at
/// \p thermostat K.
[[nodiscard]] Outcome conclude(const Plan& plan, const Shells& shells, const Production& production,
                               double thermostat);

/// θ of the shortest bond from frames at a known classical temperature, K.
[[nodiscard]] numeric::Mean einstein_of(const std::vector<Trajectory>& replicas, const Plan& plan,
                                        const Shells& shells, double thermostat);

}  // namespace twin::md
