// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/run.h"

namespace twin::app {

struct SteerSettings {
  std::string policy;    ///< file
  std::string commands;  ///< file for the newest command, instead of the policy's
};

/// twin-steer: results in; events (significant differences between periods) and the mode commands
/// that it would give out. The newest command also goes to a file, replaced by rename. Pure: the
/// same input gives the same commands.
void steer(Session& session, const SteerSettings& settings);

}  // namespace twin::app
