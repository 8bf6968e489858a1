// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/identity.h"

#include <sys/stat.h>

#include <optional>
#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "remote/known_hosts.h"

namespace twin::remote {

namespace {

constexpr std::size_t longest_key = 1U << 20;

/// Strings with their length in four bytes before them, as in RFC 4251.
class Wire {
 public:
  explicit Wire(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::string_view> string() {
    if (rest_.size() < 4) return std::nullopt;
    std::size_t length = 0;
    for (const char byte : rest_.substr(0, 4))
      length = length << 8 | static_cast<unsigned char>(byte);
    if (length > rest_.size() - 4) return std::nullopt;
    const std::string_view text = rest_.substr(4, length);
    rest_.remove_prefix(4 + length);
    return text;
  }

  void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }

 private:
  std::string_view rest_;
};

/// The part between the BEGIN and the END line, its lines joined.
std::string body_of(const std::string& text) {
  std::string body;
  for (const std::string_view line : split(text, '\n'))
    if (!line.starts_with("-----")) body += trim(line);
  return body;
}

/// OpenSSH's own form (PROTOCOL.key): magic, cipher, kdf, its options, a count, the public key.
void read_openssh(const std::string& text, Identity& identity) {
  constexpr std::string_view magic("openssh-key-v1\0", 15);
  const std::string bytes = from_base64(body_of(text));
  if (!bytes.starts_with(magic)) return;
  Wire wire(std::string_view(bytes).substr(magic.size()));
  const auto cipher = wire.string();
  wire.string();
  wire.string();
  wire.skip(4);
  const auto key = wire.string();
  identity.encrypted = cipher && *cipher != "none";
  if (key) identity.blob = std::string(*key);
}

/// PEM says its type in the first line, PKCS#8 not at all; encrypted is said in either.
void read_pem(const std::string& text, Identity& identity) {
  identity.encrypted = text.find("ENCRYPTED") != std::string::npos;
  if (text.find("BEGIN RSA") != std::string::npos) identity.type = "ssh-rsa";
  if (text.find("BEGIN DSA") != std::string::npos) identity.type = "ssh-dss";
  if (text.find("BEGIN EC ") != std::string::npos) identity.type = "ecdsa-sha2-nistp256";
}

std::string small_file(const std::string& file) {
  try {
    return read_file(file, longest_key);
  } catch (const Error&) {
    return {};
  }
}

void read_private(Identity& identity) {
  struct stat status = {};
  if (::stat(identity.file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  identity.present = true;
  identity.loose = (status.st_mode & 077) != 0;
  const std::string text = small_file(identity.file);
  if (text.find("BEGIN OPENSSH PRIVATE KEY") != std::string::npos) {
    read_openssh(text, identity);
  } else {
    read_pem(text, identity);
  }
}

void read_public(Identity& identity) {
  const std::string text = small_file(identity.file + ".pub");
  const auto fields = words(std::string_view(text).substr(0, text.find('\n')));
  if (fields.size() < 2) return;
  const std::string blob = from_base64(fields[1]);
  if (!blob.empty() && type_of_key(blob) == fields[0]) identity.blob = blob;
}

}  // namespace

std::vector<Identity> identities_of(const Settings& settings) {
  std::vector<Identity> found;
  for (const std::string& file : settings.identities) {
    Identity identity;
    identity.file = file;
    if (file.ends_with(".pub")) identity.file.resize(file.size() - 4);  // the agent has the rest
    read_private(identity);
    if (identity.blob.empty()) read_public(identity);
    if (!identity.blob.empty()) identity.type = type_of_key(identity.blob);
    if (identity.present || !identity.blob.empty()) found.push_back(std::move(identity));
  }
  return found;
}

std::string unusable(const std::string& type) {
  if (type == "ssh-rsa")
    return "libssh2 1.10 cannot use RSA keys with OpenSSH 8.8 and newer; use ed25519, or the "
           "openssh transport";
  if (type.empty() || type == "ssh-ed25519" || type.starts_with("ecdsa-sha2-nistp")) {
    if (type.find("-cert-") == std::string::npos) return {};
  }
  return "libssh2 1.10 knows no " + printable(type) + " keys; the openssh transport does";
}

}  // namespace twin::remote
