// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/libssh2_run.h"

#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "remote/remote_shell.h"

namespace twin::remote {

namespace {

/// One command on the other side: its stdin is fed while both outputs are read.
class Command {
 public:
  Command(Session& session, std::string_view input, process::Seconds limit)
      : session_(session), input_(input), deadline_(session.in(limit)) {
    channel_ = session_.open<LIBSSH2_CHANNEL>(
        [&] { return libssh2_channel_open_session(session_.get()); }, deadline_);
    if (channel_ == nullptr) refused("opens no channel");
  }
  ~Command() {
    // The other side closes when its command has ended: nobody waits for one that was given up.
    session_.release([this] { return libssh2_channel_free(channel_); },
                     process::Seconds(libssh2_channel_eof(channel_) == 1 ? 2 : 0));
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  void start(const char* command) {
    if (session_.call([&] { return libssh2_channel_exec(channel_, command); }, deadline_) != 0)
      refused("runs no command");
  }

  void to_the_end() {
    session_.begin();
    while (libssh2_channel_eof(channel_) == 0) {
      const bool sent = send();
      // Half of a packet is out: nothing else may be sent before its other half.
      const bool stuck = !sent && (libssh2_session_block_directions(session_.get()) &
                                   LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
      const bool came = !stuck && receive(0, out);
      const bool complained = !stuck && receive(SSH_EXTENDED_DATA_STDERR, error);
      if (out.size() > most_output)
        throw Error(Cause::unavailable, name() + ": a script wrote more than 64 MiB");
      if (error.size() > most_error) error.resize(most_error);
      if (!sent && !came && !complained && libssh2_channel_eof(channel_) == 0)
        session_.wait(deadline_);
    }
  }

  std::string out, error;

 private:
  [[nodiscard]] std::string name() const { return printable(session_.settings().alias); }

  [[noreturn]] void refused(const std::string& what) const {
    if (breaks(session_.code())) session_.broke(session_.words());
    throw Error(Cause::unavailable, name() + ": it " + what + ": " + session_.words());
  }

  /// \return true when something moved
  bool send() {
    if (ended_) return false;
    if (input_.empty()) {
      const long rc = libssh2_channel_send_eof(channel_);
      ended_ = rc != LIBSSH2_ERROR_EAGAIN;
      return ended_;
    }
    const auto put = libssh2_channel_write(channel_, input_.data(), input_.size());
    if (put == LIBSSH2_ERROR_EAGAIN) return false;
    if (put < 0) {
      if (put != LIBSSH2_ERROR_CHANNEL_CLOSED && breaks(put)) session_.broke(session_.words());
      ended_ = true;  // whoever was to read it has gone
      return true;
    }
    input_.remove_prefix(static_cast<std::size_t>(put));
    return true;
  }

  bool receive(int stream, std::string& into) {
    buffer_.resize(1U << 16);
    bool came = false;
    while (into.size() <= most_output) {
      const auto got = libssh2_channel_read_ex(channel_, stream, buffer_.data(), buffer_.size());
      if (got < 0 && got != LIBSSH2_ERROR_EAGAIN) session_.broke(session_.words());
      if (got <= 0) break;
      into.append(buffer_.data(), static_cast<std::size_t>(got));
      came = true;
    }
    return came;
  }

  Session& session_;
  std::string_view input_;
  Session::Clock::time_point deadline_;
  LIBSSH2_CHANNEL* channel_ = nullptr;
  bool ended_ = false;
  std::vector<char> buffer_;
};

}  // namespace

Ran run_script(Session& session, const std::string& script, process::Seconds limit) {
  Command command(session, script, limit);
  command.start(shell_command());
  command.to_the_end();
  auto ran = understood(std::move(command.out), command.error);
  if (ran) return std::move(*ran);
  throw Error(Cause::unavailable,
              printable(session.settings().alias) +
                  ": it runs no commands; it said: " + printable(trim(command.error)));
}

}  // namespace twin::remote
