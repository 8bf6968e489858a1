// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "remote/host.h"

namespace twin::remote {

/// A key that the user has for a host: what is known of it without a passphrase.
struct Identity {
  std::string file;  ///< the private one
  std::string type;  ///< "ssh-ed25519"; "" when neither file says it
  std::string blob;  ///< the public key as it goes over the wire; "" = not known
  bool encrypted = false;
  bool present = false;  ///< the private file is there (else only its .pub, for an agent)
  bool loose = false;    ///< others may read it: not to be used
};

/// The identities of the settings of which a private or a public file is there, in their order.
/// Nothing secret is kept: of a private file its header is read.
[[nodiscard]] std::vector<Identity> identities_of(const Settings& settings);

/// "" when libssh2 1.10 can use a key of this type, else why not.
[[nodiscard]] std::string unusable(const std::string& type);

}  // namespace twin::remote
