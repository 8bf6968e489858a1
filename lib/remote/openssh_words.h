// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/error.h"
#include "remote/host.h"

/// What OpenSSH's programs say on stderr, understood (OpenSSH 8.4 to 9.9, in English).
namespace twin::remote {

/// Why ssh got nowhere.
/// \param inside  the connection stood already: what is not understood is one that broke
[[nodiscard]] Error said_by_ssh(const Settings& settings, const std::string& stderr_text,
                                bool inside);

/// Why sftp did not fetch a file: the file's own troubles first, then those of the connection.
[[nodiscard]] Error said_by_sftp(const Settings& settings, const std::string& remote,
                                 const std::string& local, const std::string& stderr_text);

/// A name as `sftp -b` reads it: backslashes before all that it or glob(3) could take for anything
/// else; "./" before a relative name, so that none is taken for an option.
[[nodiscard]] std::string sftp_word(const std::string& name);

}  // namespace twin::remote
