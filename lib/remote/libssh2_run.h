// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "remote/libssh2_session.h"

namespace twin::remote {

/// As Connection::run(), on a session that is let in.
[[nodiscard]] Ran run_script(Session& session, const std::string& script, process::Seconds limit);

}  // namespace twin::remote
