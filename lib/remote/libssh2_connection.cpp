// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include "core/error.h"
#include "core/text.h"
#include "remote/libssh2_login.h"
#include "remote/libssh2_run.h"
#include "remote/libssh2_sftp.h"
#include "remote/transports.h"

namespace twin::remote {

namespace {

class Libssh2Connection final : public Connection {
 public:
  Libssh2Connection(Settings settings, ConnectSettings how)
      : settings_(std::move(settings)), how_(how) {
    session();
  }

  Ran run(const std::string& script, process::Seconds limit) override {
    if (other_) return other_->run(script, limit);
    return guarded([&] { return run_script(session(), script, limit); });
  }

  std::uint64_t fetch(const std::string& remote, const std::string& local,
                      const Progress& progress) override {
    if (may_leave_ && !other_ && guarded([&] { return better_by_openssh(remote, local); })) leave();
    if (other_) return other_->fetch(remote, local, progress);
    return guarded([&] {
      const Sftp::Fetched fetched = sftp().fetch(remote, local, progress);
      if (fetched.ended_early) forget();
      return fetched.bytes;
    });
  }

  [[nodiscard]] std::string description() const override {
    if (!other_) return description_;
    return other_->description() + " since the first big file, which is faster over a short way; " +
           description_ + " before";
  }

 private:
  /// The session; a new one where the last one broke.
  Session& session() {
    if (session_) return *session_;
    auto made = std::make_unique<Session>(settings_, how_);
    const std::string by = login(*made);
    const char* cipher = libssh2_session_methods(made->get(), LIBSSH2_METHOD_CRYPT_SC);
    description_ = std::string("libssh2 ") + libssh2_version(0) + ", " + made->host_key_type() +
                   ", " + (cipher != nullptr ? cipher : "?") + ", " + by;
    session_ = std::move(made);
    return *session_;
  }

  /// What goes wrong on a session may leave half of a request on it; only what the other side said
  /// of a file does not.
  template <typename Action>
  auto guarded(Action action) -> decltype(action()) {
    try {
      return action();
    } catch (const Error& error) {
      if (error.cause() != Cause::no_input && error.cause() != Cause::data) forget();
      throw;
    } catch (...) {  // of the caller's progress
      forget();
      throw;
    }
  }

  Sftp& sftp() {
    Session& open = session();
    if (!sftp_) sftp_ = std::make_unique<Sftp>(open);
    return *sftp_;
  }

  /// Whether a file is so big and so near that connecting once more costs less than it gains.
  bool better_by_openssh(const std::string& remote, const std::string& local) {
    constexpr std::uint64_t big = 128U << 20;  // connecting takes as long as 100 MiB gain
    constexpr process::Seconds near{0.005};
    const Sftp::Left left = sftp().left(remote, local);
    return left.bytes >= big && left.answer <= near;
  }

  /// Hands all over to OpenSSH from now on, where it gets in: one connection a host at a time.
  void leave() {
    forget();
    may_leave_ = false;
    try {
      other_ = connect_openssh(settings_, how_, "");
    } catch (const Error&) {  // the next call connects here again
    }
  }

  void forget() {
    sftp_.reset();
    session_.reset();
  }

  Settings settings_;
  ConnectSettings how_;
  std::string description_;
  bool may_leave_ = how_.transport == ConnectSettings::Transport::automatic;
  std::unique_ptr<Connection> other_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Sftp> sftp_;  // after the session that it is on
};

}  // namespace

std::unique_ptr<Connection> connect_libssh2(const Settings& settings, const ConnectSettings& how) {
  return std::make_unique<Libssh2Connection>(settings, how);
}

}  // namespace twin::remote
