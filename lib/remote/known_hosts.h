// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "remote/host.h"

namespace twin::remote {

/// A line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") that speaks of a host.
struct KnownKey {
  std::string type;  ///< "ssh-ed25519"
  std::string blob;  ///< the key as it goes over the wire: bytes
  bool revoked = false;
  bool authority = false;  ///< @cert-authority: the key signs hosts' keys
  bool bare = false;       ///< of the host without its port: can vouch, but not accuse
  std::string place;       ///< "file:line"
};

/// All keys that the files have for a name, "host" or "[host]:port". Names in the files may be
/// plain, with * ? and !, or hashed. A file that is not there has none; lines that are none are
/// passed over.
[[nodiscard]] std::vector<KnownKey> known_keys(std::span<const std::string> files,
                                               const std::string& name);

/// All keys for the host of these settings, by known_name(); where that has a port and is not
/// found, those for the bare host, as ssh does, marked so.
[[nodiscard]] std::vector<KnownKey> known_keys(const Settings& settings);

enum class Standing { known, changed, revoked, unknown };

struct Judged {
  Standing standing;
  std::string place;  ///< of the line that says so; "" when unknown
};

/// What the known keys say of one that a host shows. Another key of the same type is a changed one;
/// so is one of another type, for a host that is known by keys could show a new one always.
[[nodiscard]] Judged judge(std::span<const KnownKey> known, std::string_view blob);

/// Appends a host's key to a file, by one write: whoever reads or writes at the same time sees it
/// whole or not. A file that is not there is made, 0600, with its folder, 0700.
/// \param hashed  the name is written as |1|salt|HMAC-SHA1
/// \throws Error{cannot_create, output}
void remember(const std::string& file, const std::string& name, bool hashed, std::string_view blob);

/// The name of a key's type that stands at its beginning; "" of what is none.
[[nodiscard]] std::string type_of_key(std::string_view blob);

/// "SHA256:...", as ssh-keygen -l says it.
[[nodiscard]] std::string fingerprint(std::string_view blob);

/// \return nothing where the text is no base64
[[nodiscard]] std::string from_base64(std::string_view text);
[[nodiscard]] std::string to_base64(std::string_view bytes);

}  // namespace twin::remote
