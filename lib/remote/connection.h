// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "process/child.h"
#include "remote/host.h"

namespace twin::remote {

/// How a script ended there.
struct Ran {
  int status = 0;  ///< exit status; 128 + signal
  std::string out, error;
};

/// One connection to a host, kept for all that is asked of it. What both transports, libssh2 and
/// the user's OpenSSH, can do.
///
/// All throw Error{permission} where the host refuses, Error{try_again} where the connection broke
/// or nothing came for the idle time: what a file had by then stays, and the call may be made anew.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Runs a script of the POSIX shell, given on the stdin of `sh -s`: nothing of it is in any argv,
  /// whatever the login shell.
  /// \throws Error{try_again}  also past \p limit
  [[nodiscard]] virtual Ran run(const std::string& script, process::Seconds limit) = 0;

  /// Called with the bytes fetched so far in this call; false ends it early.
  using Progress = std::function<bool(std::uint64_t)>;

  /// By SFTP: appends to the local file what the remote one has beyond the local one's length, so
  /// that a broken one goes on where it was. A local file that is not there is made.
  /// \return bytes fetched
  /// \throws Error{no_input}  the remote file is not there or can't be read, or is shorter than the
  /// local one \throws Error{output}    the local one can't be written
  virtual std::uint64_t fetch(const std::string& remote, const std::string& local,
                              const Progress& progress) = 0;

  /// For the log: "libssh2 1.10.0, ssh-ed25519, aes256-ctr", "OpenSSH, shared connection".
  [[nodiscard]] virtual std::string description() const = 0;
};

struct ConnectSettings {
  enum class Transport { automatic, libssh2, openssh } transport = Transport::automatic;
  bool accept_new = false;  ///< a host key that is not known is accepted, and remembered
  process::Seconds connect{10}, idle{60};
};

/// Connects and authenticates. The transport that is not asked for by name follows from the host's
/// settings: OpenSSH for jumps, shared connections, hosts known by an RSA key alone and users with
/// RSA identities alone; else libssh2, and OpenSSH where that says it can't.
/// \throws Error{permission}   the host's key has changed, or is not known and not to be accepted;
///                             a private key that others may read; nobody let us in (says what was
///                             tried, and what would help)
/// \throws Error{unavailable}  no such host, nothing listens, no answer within the time
[[nodiscard]] std::unique_ptr<Connection> connect(const Settings& settings,
                                                  const ConnectSettings& how);

}  // namespace twin::remote
