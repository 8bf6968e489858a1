// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "remote/connection.h"

namespace twin::remote {

/// Connected and let in. Where the transport is ours to choose, big files over a short way are left
/// to OpenSSH's sftp, if that gets in: libssh2 1.10 deciphers 16 bytes a call and is bound by that,
/// farther away it is faster, as it asks for more ahead.
/// \throws as connect(); Unable where OpenSSH may do better
[[nodiscard]] std::unique_ptr<Connection> connect_libssh2(const Settings& settings,
                                                          const ConnectSettings& how);

/// \param why  this transport was chosen, for the description; "" = it was asked for
[[nodiscard]] std::unique_ptr<Connection> connect_openssh(const Settings& settings,
                                                          const ConnectSettings& how,
                                                          const std::string& why);

}  // namespace twin::remote
