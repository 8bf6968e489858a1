// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libssh2_sftp.h>

#include <cstdint>
#include <string>

#include "remote/libssh2_session.h"

namespace twin::remote {

/// SFTP on a session that is let in, kept for all files.
class Sftp {
 public:
  /// \throws Error{unavailable}  the host has no SFTP
  explicit Sftp(Session& session);
  ~Sftp();
  Sftp(const Sftp&) = delete;
  Sftp& operator=(const Sftp&) = delete;

  struct Fetched {
    std::uint64_t bytes = 0;
    bool ended_early = false;  ///< requests are under way still: the session is of no more use
  };

  /// As Connection::fetch(). 3 MiB are asked for ahead of what has come.
  Fetched fetch(const std::string& remote, const std::string& local,
                const Connection::Progress& progress);

  struct Left {
    std::uint64_t bytes = 0;  ///< of the remote file, beyond the local one's length
    process::Seconds answer;  ///< the least of three times that the host took to say so
  };
  /// \throws Error{no_input}  as Connection::fetch()
  [[nodiscard]] Left left(const std::string& remote, const std::string& local);

 private:
  Session& session_;
  LIBSSH2_SFTP* sftp_ = nullptr;
};

}  // namespace twin::remote
