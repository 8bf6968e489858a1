// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "app/run.h"
#include "record/policy.h"

namespace twin::app {

struct SteerSettings {
  std::string policy;                  ///< file
  std::optional<record::Policy> read;  ///< what is in it, where read_policy() was
  std::optional<std::string> basis;    ///< likewise, of the file of its scores
  std::string commands;                ///< file for the newest command, instead of the policy's
  std::string log;                     ///< file: all that was decided, and by what; "" = none
  std::string replay;                  ///< such a log: decided anew, and nothing is steered
};

/// Reads the policy and the basis of its scores, once, as they may be pipes.
/// \return  with both, on which commands depend
/// \throws Error{configuration}, Error{no_input}
StartInfo read_policy(SteerSettings& settings);

/// twin-steer: results in; events (significant differences between periods) and the mode commands
/// that it would give out. The newest command also goes to a file, replaced by rename, as long as
/// it is asked for by what was measured within its ttl; the safe mode's in the end. The same input,
/// with the same dose spent before, gives the same records.
void steer(Session& session, const SteerSettings& settings);

}  // namespace twin::app
