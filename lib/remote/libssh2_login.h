// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "remote/libssh2_session.h"

namespace twin::remote {

/// Lets a session in: by the agent's keys, those of the settings' identities first, for each that
/// the host refuses counts towards its MaxAuthTries; then by the key files that need no passphrase.
/// \return by what: "ed25519 key of the agent"
/// \throws Error{permission}  nobody let us in: what was tried, and what would help; Unable where
///                            OpenSSH may do better: RSA keys, Kerberos
[[nodiscard]] std::string login(Session& session);

}  // namespace twin::remote
