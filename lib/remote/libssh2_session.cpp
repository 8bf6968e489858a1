// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/libssh2_session.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cmath>

#include "core/interrupt.h"
#include "core/text.h"
#include "remote/refusal.h"
#include "remote/tcp.h"

namespace twin::remote {

namespace {

/// What libssh2 1.10 has of today's algorithms: no SHA-1, no CBC. Counter mode with a separate MAC
/// is not touched by CVE-2023-48795, for which it has no remedy.
constexpr const char* key_exchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
    "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256";
constexpr const char* ciphers = "aes256-ctr,aes192-ctr,aes128-ctr";
constexpr const char* macs = "hmac-sha2-256,hmac-sha2-512";
constexpr const char* host_keys[] = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                     "ecdsa-sha2-nistp521"};

void start_library() {
  static const int started = libssh2_init(0);
  if (started != 0) throw Error(Cause::internal, "libssh2 does not start");
}

std::string seconds(process::Seconds time) { return shortest(time.count()) + " s"; }

int milliseconds(process::Seconds time) {
  return static_cast<int>(std::ceil(std::clamp(time.count(), 0.0, 1e6) * 1e3));
}

bool ready(int number, short events) {
  pollfd polled{number, events, 0};
  return ::poll(&polled, 1, 0) > 0;
}

}  // namespace

bool breaks(long code) {
  switch (code) {
    case LIBSSH2_ERROR_SOCKET_NONE:
    case LIBSSH2_ERROR_SOCKET_SEND:
    case LIBSSH2_ERROR_SOCKET_RECV:
    case LIBSSH2_ERROR_SOCKET_DISCONNECT:
    case LIBSSH2_ERROR_SOCKET_TIMEOUT:
    case LIBSSH2_ERROR_BAD_SOCKET:
    case LIBSSH2_ERROR_INVALID_MAC:
    case LIBSSH2_ERROR_DECRYPT:
    case LIBSSH2_ERROR_TIMEOUT:
    case LIBSSH2_ERROR_CHANNEL_CLOSED:
      return true;
    default:
      return false;
  }
}

Session::Session(const Settings& settings, const ConnectSettings& how)
    : settings_(settings), how_(how), heard_(Clock::now()) {
  const auto known = known_keys(settings);
  start_library();
  socket_ = connect_tcp(settings.host, settings.port, how.connect);
  session_ = libssh2_session_init_ex(nullptr, nullptr, nullptr, this);
  if (session_ == nullptr) throw Error(Cause::internal, "libssh2: no memory for a session");
  try {
    libssh2_session_set_blocking(session_, 0);
    libssh2_session_callback_set(session_, LIBSSH2_CALLBACK_DISCONNECT,
                                 reinterpret_cast<void*>(&note_farewell));
    prefer(known);
    shake_hands();
    check_host_key(known);
  } catch (...) {
    libssh2_session_free(session_);
    throw;
  }
}

/// The library would rather wait for the host than forget a channel: with the socket shut it can't.
Session::~Session() {
  if (inside_ && ready(socket_.number(), POLLOUT))
    libssh2_session_disconnect_ex(session_, SSH_DISCONNECT_BY_APPLICATION, "done", "");
  ::shutdown(socket_.number(), SHUT_RDWR);
  for (int attempt = 0; attempt < 1000; ++attempt)
    if (libssh2_session_free(session_) != LIBSSH2_ERROR_EAGAIN) return;
}

/// Asks for the types of key that are known, so that a host with several shows one of those.
void Session::prefer(std::span<const KnownKey> known) {
  std::string types;
  bool others = false, authority = false, all_bare = true;
  for (const char* type : host_keys)
    for (const KnownKey& key : known)
      if (key.type == type && !key.revoked && !key.authority &&
          types.find(type) == std::string::npos)
        types += (types.empty() ? "" : ",") + std::string(type);
  for (const KnownKey& key : known) {
    others = others || (!key.revoked && !key.authority);
    authority = authority || key.authority;
    all_bare = all_bare && key.bare;
  }
  const std::string where = printable(settings_.alias) + ": ";
  if (types.empty() && others && !all_bare)
    throw Unable(Cause::unavailable,
                 where +
                     "it is known by keys of other types than ed25519 and ecdsa alone, as RSA, "
                     "and libssh2 1.10 can't check those; the openssh transport can");
  if (types.empty() && authority)
    throw Unable(Cause::unavailable, where +
                                         "it is known by a certificate authority, and libssh2 1.10 "
                                         "knows no certificates; the openssh transport does");
  if (types.empty() || all_bare)
    for (const char* type : host_keys)
      if (types.find(type) == std::string::npos)
        types += (types.empty() ? "" : ",") + std::string(type);
  libssh2_session_method_pref(session_, LIBSSH2_METHOD_KEX, key_exchanges);
  libssh2_session_method_pref(session_, LIBSSH2_METHOD_HOSTKEY, types.c_str());
  for (const int cipher : {LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC})
    libssh2_session_method_pref(session_, cipher, ciphers);
  for (const int mac : {LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC})
    libssh2_session_method_pref(session_, mac, macs);
}

void Session::shake_hands() {
  const long rc =
      call([&] { return libssh2_session_handshake(session_, socket_.number()); }, in(how_.connect));
  if (rc == 0) return;
  const std::string where = printable(settings_.alias) + ": ";
  if (rc == LIBSSH2_ERROR_KEX_FAILURE || rc == LIBSSH2_ERROR_METHOD_NONE ||
      rc == LIBSSH2_ERROR_METHOD_NOT_SUPPORTED)
    throw Unable(Cause::unavailable,
                 where +
                     "no common algorithms: libssh2 1.10 does host keys of ed25519 and ecdsa, "
                     "not RSA, ciphers in counter mode and SHA-2; the openssh transport does "
                     "more (" +
                     words() + ")");
  if (rc == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE && !ended())
    throw Error(Cause::permission, where + "it does not prove that it has its key: " + words());
  if (rc == LIBSSH2_ERROR_BANNER_RECV || rc == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE || breaks(rc))
    throw Error(Cause::try_again, where +
                                      "it closed the connection before it said who it is; too "
                                      "many connections at a time? (" +
                                      words() + ")");
  throw Error(Cause::unavailable, where + "no handshake: " + words());
}

void Session::check_host_key(std::span<const KnownKey> known) {
  std::size_t length = 0;
  int type = 0;
  const char* key = libssh2_session_hostkey(session_, &length, &type);
  const std::string blob = key != nullptr ? std::string(key, length) : std::string();
  key_type_ = type_of_key(blob);
  if (key_type_.empty())
    throw Error(Cause::permission, printable(settings_.alias) + ": it showed no host key");
  const Judged judged = judge(known, blob);
  if (judged.standing == Standing::known) return;
  if (judged.standing == Standing::revoked) throw revoked_key(settings_, judged.place);
  if (judged.standing == Standing::changed) throw changed_key(settings_, judged.place);
  if (!how_.accept_new) throw unknown_key(settings_, key_type_ + " " + fingerprint(blob));
  if (settings_.known_hosts.empty())
    throw Error(Cause::permission, printable(settings_.alias) +
                                       ": a new host key can't be remembered: no known_hosts file");
  remember(settings_.known_hosts.front(), known_name(settings_), settings_.hash_known_hosts, blob);
}

long Session::call(const std::function<long()>& step, Clock::time_point deadline) {
  begin();
  while (true) {
    const long rc = step();
    if (inside_ && breaks(rc)) broke(words());
    if (rc != LIBSSH2_ERROR_EAGAIN) return rc;
    wait(deadline);
  }
}

void Session::wait(Clock::time_point deadline) {
  if (interrupted() != 0) throw Error(Cause::unavailable, "interrupted");
  const auto now = Clock::now();
  const process::Seconds left = deadline - now, quiet = now - heard_;
  if (left.count() <= 0) silent("no answer in the time that it has");
  if (quiet > how_.idle) silent("nothing came for " + seconds(how_.idle));
  const int directions = libssh2_session_block_directions(session_);
  const bool sending = (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
  // Half a packet of another kind must not be begun: only while nothing waits to be sent, and when
  // the socket takes it whole.
  int next = 0;
  if (inside_ && !sending && ready(socket_.number(), POLLOUT) &&
      libssh2_keepalive_send(session_, &next) != 0)
    broke(words());
  pollfd polled{socket_.number(), static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0};
  process::Seconds patience = std::min(left, how_.idle - quiet + process::Seconds(0.01));
  if (next > 0) patience = std::min(patience, process::Seconds(next));
  if (directions == 0) patience = std::min(patience, process::Seconds(0.05));
  if (::poll(&polled, 1, milliseconds(patience)) <= 0) return;
  if ((polled.revents & POLLIN) == 0) {
    if ((polled.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) broke("the connection was cut");
    return;
  }
  const bool over = ended();  // the library might not notice, and wait for ever
  ends_seen_ = over ? ends_seen_ + 1 : 0;
  if (ends_seen_ > 3) broke("the host closed the connection");
  if (!over) heard_ = Clock::now();
}

bool Session::ended() const {
  char byte = 0;
  return ::recv(socket_.number(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void Session::release(const std::function<long()>& step, process::Seconds patience) noexcept {
  const auto deadline = in(patience);
  begin();
  for (int attempt = 0; attempt < 10000; ++attempt) {
    if (step() != LIBSSH2_ERROR_EAGAIN) return;
    try {
      wait(deadline);
    } catch (const Error&) {
      ::shutdown(socket_.number(), SHUT_RDWR);
    }
  }
}

void Session::let_in() {
  inside_ = true;
  const double often = std::clamp(how_.idle.count() / 4, 2.0, 30.0);
  libssh2_keepalive_config(session_, 1, static_cast<unsigned>(often));
}

Session::Clock::time_point Session::in(process::Seconds time) const {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::min(time, process::Seconds(1e8)));
}

long Session::code() const { return libssh2_session_last_errno(session_); }

std::string Session::words() const {
  char* text = nullptr;
  int length = 0;
  libssh2_session_last_error(session_, &text, &length, 0);
  return text != nullptr ? printable({text, static_cast<std::size_t>(length)}) : std::string();
}

void Session::note_farewell(LIBSSH2_SESSION*, int, const char* message, int length, const char*,
                            int, void** self) {
  if (message == nullptr || length < 0 || self == nullptr || *self == nullptr) return;
  static_cast<Session*>(*self)->farewell_ = printable({message, static_cast<std::size_t>(length)});
}

void Session::broke(const std::string& how) const {
  throw Error(Cause::try_again, printable(settings_.alias) + ": " +
                                    (farewell_.empty() ? how : "it said " + farewell_) +
                                    "; the connection is made anew when it is tried again");
}

void Session::silent(const std::string& how) const {
  if (inside_) broke(how);
  throw Error(Cause::unavailable,
              printable(settings_.alias) + ": " + how + "; is it up, and reachable from here?");
}

}  // namespace twin::remote
