// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "process/child.h"

namespace twin::remote {

/// Whether an ssh-agent at a socket answers within \p limit when it is asked for its keys: libssh2
/// waits for one that hangs for as long as that does. Cut short by a signal.
/// Protocol: D. Miller, draft-miller-ssh-agent, section 4.4.
[[nodiscard]] bool agent_answers(const std::string& socket, process::Seconds limit);

}  // namespace twin::remote
