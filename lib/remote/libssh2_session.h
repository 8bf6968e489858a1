// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libssh2.h>

#include <chrono>
#include <functional>
#include <string>

#include "core/descriptor.h"
#include "remote/connection.h"
#include "remote/known_hosts.h"

namespace twin::remote {

/// One SSH session by libssh2: connected, its host key checked; login() lets it in. It never blocks
/// inside the library: each call is repeated when the socket is ready, until its deadline. To be
/// used from one thread.
class Session {
 public:
  using Clock = std::chrono::steady_clock;

  /// \throws as connect(); Unable where OpenSSH may do better
  Session(const Settings& settings, const ConnectSettings& how);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Repeats what answers LIBSSH2_ERROR_EAGAIN until it answers anything else, and returns that.
  /// \throws Error{try_again}  the connection broke, nothing came for the idle time, the deadline
  long call(const std::function<long()>& step, Clock::time_point deadline);

  /// The same for what returns a pointer: nullptr when it failed, with code().
  template <typename Pointer>
  Pointer* open(const std::function<Pointer*()>& step, Clock::time_point deadline) {
    Pointer* made = nullptr;
    call([&] { return (made = step()) != nullptr ? 0 : code(); }, deadline);
    return made;
  }

  /// The idle time counts from here.
  void begin() { heard_ = Clock::now(); }

  /// True when the other side has closed the connection and nothing of it is left to read.
  [[nodiscard]] bool ended() const;

  /// The library's last error, and its words.
  [[nodiscard]] long code() const;
  [[nodiscard]] std::string words() const;

  /// Waits until the socket is ready for what the library waits for. Keeps the connection alive.
  void wait(Clock::time_point deadline);

  /// Repeats what frees something of the library until it is done with that, or for so long; then
  /// the socket is shut, so that it can't wait any more. For destructors: throws nothing.
  void release(const std::function<long()>& step,
               process::Seconds patience = process::Seconds(2)) noexcept;

  /// From here on a broken connection is one to try again, and the host is asked for signs of life.
  void let_in();

  [[nodiscard]] Clock::time_point in(process::Seconds time) const;
  [[nodiscard]] LIBSSH2_SESSION* get() const { return session_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const ConnectSettings& how() const { return how_; }
  [[nodiscard]] const std::string& host_key_type() const { return key_type_; }

  /// What the host said when it closed the session; "" when it has not.
  [[nodiscard]] const std::string& farewell() const { return farewell_; }

  /// \throws Error{try_again}: the connection was cut
  [[noreturn]] void broke(const std::string& how) const;

  /// \throws Error{try_again}, or Error{unavailable} before let_in(): nothing comes
  [[noreturn]] void silent(const std::string& how) const;

 private:
  static void note_farewell(LIBSSH2_SESSION* session, int reason, const char* message, int length,
                            const char* language, int language_length, void** self);
  void prefer(std::span<const KnownKey> known);
  void shake_hands();
  void check_host_key(std::span<const KnownKey> known);

  Settings settings_;
  ConnectSettings how_;
  Descriptor socket_;
  LIBSSH2_SESSION* session_ = nullptr;
  Clock::time_point heard_;  ///< when something last came
  int ends_seen_ = 0;
  bool inside_ = false;
  std::string key_type_, farewell_;
};

/// True for an error after which the session is of no more use.
[[nodiscard]] bool breaks(long code);

}  // namespace twin::remote
