// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atoms/trajectory.h"
#include "md/simulate.h"

namespace twin::md {

/// A trajectory that was run elsewhere. It is opened for each of two readings.
struct Source {
  std::string name;  ///< for messages
  std::function<std::unique_ptr<atoms::TrajectoryReader>()> open;
};

/// What was taken of a source.
struct Taken {
  std::size_t frames = 0;                   ///< that it has
  std::size_t skipped = 0;                  ///< at its beginning
  bool reordered = false;                   ///< its atoms were put on the sites by their positions
  std::optional<double> first_ps, last_ps;  ///< times of the first and last frame that count
};

struct Observed {
  Outcome outcome;
  std::vector<Taken> sources;
  std::optional<std::int64_t> seed;  ///< where the files name one
};

/// The outcome of trajectories as if they were the replicas of a run of \p model: the same
/// observables, errors and judgement of equilibrium. The model gives the ideal crystal, its
/// elements and their order, and the temperature where the files have none; the lattice parameter
/// is the trajectories'. What their frames do not have (temperature, energy, virial) is left out of
/// the quantities: see Outcome::known.
///
/// The temperature is the thermostat's where twin-simulate wrote the files, else the mean of the
/// frames' own, else the model's; with zero-point motion one of the former must be there, as the
/// model's is that of the sample, not of the run.
///
/// \param skip  frames to leave out at the beginning of each; nothing: none where all together are
///              at equilibrium, or twin-simulate wrote them (it stores production runs), else as
///              many as MSER-5 asks for and more where
///              a transient is left (settled_from()), at most the half
/// \throws Error{data}           `name: ...`: no crystal of the model's, under 20 frames, different
///                               temperatures or potentials; the readers' own
/// \throws Error{configuration}  the model, or there is no temperature
/// \throws Error{try_again}      a file changed between the readings
[[nodiscard]] Observed observe(const record::Model& model, const std::vector<Source>& sources,
                               std::optional<std::size_t> skip, const Observer& observe,
                               const ProgressReport& report);

}  // namespace twin::md
