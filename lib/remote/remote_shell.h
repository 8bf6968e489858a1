// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "remote/connection.h"

/// What is asked of the shell at the other end, the same for both transports.
namespace twin::remote {

/// Output of a script beyond these is not kept: an error for stdout, cut for stderr.
constexpr std::size_t most_output = 64U << 20, most_error = 1U << 20;

/// The command that a host is given: a POSIX shell that reads its script from stdin, whatever the
/// login shell is, between a first line on stdout, which a greeting may stand before, and a last
/// one that says its status. So a connection that broke is told from a script that ended with 255,
/// as ssh itself does.
[[nodiscard]] const char* shell_command();

/// What shell_command() wrote, without its two lines, the last one understood. Nothing where there
/// is none: the connection broke, or that host runs no commands.
[[nodiscard]] std::optional<Ran> understood(std::string out, std::string error);

/// \throws Error{data}  a name with a control character, or none: those are never asked for
void check_remote_name(const std::string& name);

}  // namespace twin::remote
