// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "md/bank.h"
#include "md/observables.h"
#include "md/outcome.h"
#include "md/plan.h"
#include "md/replica.h"
#include "md/simulate.h"

namespace twin::md {

/// Where a run begins, and with which seed.
struct Start {
  const Recording* from = nullptr;  ///< an earlier run; the ideal crystal where there is none
  std::int64_t seed = 0;
  const Earlier* earlier = nullptr;  ///< of that run, which is gone on with; nullptr: a run begins
};

/// One run in all replicas: equilibration until the trigger fires, then production; or the rest of
/// the production of a run that was cut short.
///
/// \param plan  gets a warning for each replica that crashed and was begun again
/// \param keep  gets the frames of the production run and their thermostat, where there is one
/// \param last  gets the last frame of each replica, its thermostat and θ, also of a run that is
///              given up, where there is one: another may begin there
/// \throws Error  of the replicas, of observe and of report
[[nodiscard]] Outcome run(Plan& plan, const Shells& shells, std::vector<Replica>& replicas,
                          const Start& start, const Observer& observe, Recording* keep,
                          Recording* last, const ProgressReport& report);

}  // namespace twin::md
