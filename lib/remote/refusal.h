// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/error.h"
#include "remote/host.h"

/// What both transports say when a host is not to be trusted, or does not let us in: the same words
/// for the same thing, each with what would help.
namespace twin::remote {

/// libssh2 can't, and OpenSSH may: the automatic choice goes on with that.
class Unable : public Error {
 public:
  Unable(Cause cause, const std::string& message) : Error(cause, message) {}
};

/// \param place  file:line that knows another key, "" when not known
[[nodiscard]] Error changed_key(const Settings& settings, const std::string& place);
/// \param shown  type and fingerprint of the key, "" when not known
[[nodiscard]] Error unknown_key(const Settings& settings, const std::string& shown);
[[nodiscard]] Error revoked_key(const Settings& settings, const std::string& place);

/// \param methods  those by which the host would still let someone in, "publickey,password"
/// \param tried    what was tried and what was passed over, each with why
[[nodiscard]] std::string not_let_in(const Settings& settings, const std::string& methods,
                                     const std::string& tried);

/// Where our own shared connection to the host listens: below $XDG_RUNTIME_DIR, or ~/.ssh, which is
/// made. "" where neither is there or the name would be too long for a socket.
[[nodiscard]] std::string own_control_path(const Settings& settings);

/// True when somebody has opened a shared connection, ours or the user's, that we would use.
[[nodiscard]] bool shared_connection_open(const Settings& settings);

/// The command by which a user opens a shared connection by hand, to answer for a password or a
/// second factor.
[[nodiscard]] std::string by_hand(const Settings& settings);

}  // namespace twin::remote
