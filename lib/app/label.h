// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/run.h"

namespace twin::app {

struct LabelSettings {
  std::string by;       ///< "cp2k", "chgnet", or a command
  std::string into;     ///< the folder of labelled frames
  long long every = 1;  ///< of each trajectory's frames
  double hours = 24.0;  ///< that a frame may take
};

/// twin-simulate --label: trajectories in; their frames with energies, forces and stress into
/// INTO/train and INTO/valid (every tenth), as DeePMD-kit trains on them. INTO/labels has them as
/// extended XYZ, with their source: what is there is not asked for again. One event tells what was
/// done; a frame that could not be labelled is a failure, the others go on.
void label(Session& session, const LabelSettings& settings);

}  // namespace twin::app
