// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace twin::remote {

/// A folder on another machine, as a user names it: HOST:DIR, HOST an alias of ssh_config(5), a
/// name or an address, with USER@ before it where need be; an IPv6 address stands in [ ].
struct Place {
  std::string host;    ///< without brackets
  std::string folder;  ///< absolute, or relative to the user's home there; "~/" is cut off
};

/// \throws Error{usage}  no colon, no host or no folder; a host that begins with '-' or has other
///                       characters than letters, digits and . _ - @ : [ ]; control characters,
///                       a '..' or a leading '~user' in the folder
[[nodiscard]] Place parse_place(const std::string& text);

/// What ssh would do with a host: `ssh -G`, $TWIN_SSH_CONFIG in place of the user's file where it
/// is set.
struct Settings {
  std::string alias;  ///< the host as it was asked for
  std::string host, user;
  int port = 22;
  std::string key_alias;                 ///< HostKeyAlias, "" = none
  std::vector<std::string> identities;   ///< files, ~ expanded, whether there or not
  std::vector<std::string> known_hosts;  ///< files, likewise; the user's first, then the system's
  std::string agent;                     ///< socket; "" = none
  bool identities_only = false;
  bool hash_known_hosts = false;  ///< names of hosts that are remembered are hashed
  std::string jump;               ///< ProxyJump or ProxyCommand, "" = none
  bool shared = false;            ///< ControlMaster or a ControlPath is set
  std::string control_path;       ///< the user's own, expanded; "" = none
  bool control_persist = false;   ///< ControlPersist is set
  std::string beyond;  ///< a setting that only OpenSSH understands ("CertificateFile"), "" = none
  std::string config;  ///< file for `ssh -F`, "" = the user's own
  std::string digest;  ///< of all that ssh -G says: two hosts of one digest are the same
};

/// \throws Error{usage}        a host that parse_place() would refuse
/// \throws Error{unavailable}  no ssh;  Error{configuration}  it refuses the configuration
[[nodiscard]] Settings settings_of(const std::string& host);

/// One word of a POSIX shell: 'text', whatever is in it.
/// \throws Error{usage}  a NUL
[[nodiscard]] std::string shell_word(const std::string& text);

/// How the host's key is named in known_hosts: the alias, "host" or "[host]:port".
[[nodiscard]] std::string known_name(const Settings& settings);

}  // namespace twin::remote
