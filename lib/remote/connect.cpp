// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "remote/connection.h"
#include "remote/identity.h"
#include "remote/known_hosts.h"
#include "remote/refusal.h"
#include "remote/transports.h"

namespace twin::remote {

namespace {

/// Keys that libssh2 can't check, and none that it can.
bool beyond_libssh2(const std::vector<KnownKey>& known) {
  return !known.empty() && std::all_of(known.begin(), known.end(), [](const KnownKey& key) {
    return key.authority || (!key.revoked && !key.bare && !unusable(key.type).empty());
  });
}

/// Without an agent the files are all there is: none of them is of use.
bool only_rsa_identities(const Settings& settings) {
  if (!settings.agent.empty()) return false;
  const auto identities = identities_of(settings);
  return !identities.empty() &&
         std::all_of(identities.begin(), identities.end(),
                     [](const Identity& one) { return !unusable(one.type).empty(); });
}

/// Why the host's settings ask for OpenSSH; "" when they don't.
std::string reason_for_openssh(const Settings& settings) {
  if (!settings.jump.empty()) return "there is a jump host";
  if (settings.shared || shared_connection_open(settings)) return "its connection is shared";
  if (!settings.beyond.empty()) return settings.beyond + " is set";
  if (beyond_libssh2(known_keys(settings))) return "it is known by an RSA key or an authority";
  if (only_rsa_identities(settings)) return "the keys for it are RSA";
  return {};
}

}  // namespace

std::unique_ptr<Connection> connect(const Settings& settings, const ConnectSettings& how) {
  using Transport = ConnectSettings::Transport;
  if (how.transport == Transport::openssh) return connect_openssh(settings, how, "");
  if (how.transport == Transport::libssh2) {
    if (settings.beyond == "RevokedHostKeys" || !settings.jump.empty())
      throw Error(Cause::usage,
                  settings.alias + ": libssh2 can't, for " +
                      (settings.jump.empty() ? "RevokedHostKeys is set" : "there is a jump host") +
                      "; the openssh transport can");
    return connect_libssh2(settings, how);
  }
  if (const std::string why = reason_for_openssh(settings); !why.empty())
    return connect_openssh(settings, how, why);
  try {
    return connect_libssh2(settings, how);
  } catch (const Unable& error) {
    return connect_openssh(settings, how, error.what());
  }
}

}  // namespace twin::remote
