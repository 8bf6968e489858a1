// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/run.h"

namespace twin::app {

/// twin-steer --replay: decides anew by what a log says came, and writes each command: as it was
/// given, then as the file of commands had it. Touches no file. People are told where something is
/// other than the log says, at most 20 times; then the session's status is 1.
/// \throws Error{data}  `LOG:LINE: what is wrong`; a torn last line is only told of
///         Error{no_input}
void replay_steering(Session& session, const std::string& log);

}  // namespace twin::app
