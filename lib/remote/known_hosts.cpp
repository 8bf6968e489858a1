// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/known_hosts.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace twin::remote {

namespace {

constexpr std::string_view hash_mark = "|1|";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac_sha1(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
       digest.data(), &length);
  return {reinterpret_cast<const char*>(digest.data()), length};
}

/// * is any text, ? any character; without recursion, so that no pattern takes long.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, kept = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      kept = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++kept;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool hash_fits(std::string_view hashed, const std::string& name) {
  const auto parts = split(hashed, '|');  // "", "1", salt, digest
  if (parts.size() != 4) return false;
  const std::string digest = from_base64(parts[3]);
  return !digest.empty() && digest == hmac_sha1(from_base64(parts[2]), name);
}

/// A list of patterns, of which one fits and none that begins with '!'.
bool speaks_of(std::string_view names, const std::string& name) {
  if (names.starts_with(hash_mark)) return hash_fits(names, name);
  bool found = false;
  for (const std::string_view pattern : split(names, ',')) {
    const bool denied = pattern.starts_with('!');
    if (!fits(lower(denied ? pattern.substr(1) : pattern), name)) continue;
    if (denied) return false;
    found = true;
  }
  return found;
}

std::optional<KnownKey> read_line(std::string_view line, const std::string& name) {
  auto fields = words(line);
  if (fields.empty() || fields[0].starts_with('#')) return std::nullopt;
  KnownKey key;
  if (fields[0].starts_with('@')) {
    key.revoked = fields[0] == "@revoked";
    key.authority = fields[0] == "@cert-authority";
    if (!key.revoked && !key.authority) return std::nullopt;
    fields.erase(fields.begin());
  }
  if (fields.size() < 3 || !speaks_of(fields[0], name)) return std::nullopt;
  key.type = std::string(fields[1]);
  key.blob = from_base64(fields[2]);
  if (key.blob.empty() || type_of_key(key.blob) != key.type) return std::nullopt;
  return key;
}

std::string content_of(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return {};
  try {
    return read_file(file, 64U << 20);
  } catch (const Error&) {
    return {};  // as ssh does: what can't be read knows nobody
  }
}

}  // namespace

std::string from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > (1U << 20)) return {};
  std::string out(text.size() / 4 * 3, '\0');
  const int got = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                  static_cast<int>(text.size()));
  if (got < 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(got) - padding);
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int put = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                  static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(put));
  return out;
}

std::string type_of_key(std::string_view blob) {
  if (blob.size() < 4) return {};
  std::size_t length = 0;
  for (const char byte : blob.substr(0, 4)) length = length << 8 | static_cast<unsigned char>(byte);
  if (length > blob.size() - 4 || length > 64) return {};
  return std::string(blob.substr(4, length));
}

std::string fingerprint(std::string_view blob) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(blob.data(), blob.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string text = to_base64({reinterpret_cast<const char*>(digest.data()), length});
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

std::vector<KnownKey> known_keys(std::span<const std::string> files, const std::string& name) {
  std::vector<KnownKey> keys;
  for (const std::string& file : files) {
    const std::string content = content_of(file);
    std::size_t number = 0;
    for (const std::string_view line : split(content, '\n')) {
      ++number;
      auto key = read_line(line, lower(name));
      if (!key) continue;
      key->place = printable(file) + ":" + std::to_string(number);
      keys.push_back(std::move(*key));
    }
  }
  return keys;
}

std::vector<KnownKey> known_keys(const Settings& settings) {
  const std::string name = known_name(settings);
  auto keys = known_keys(settings.known_hosts, name);
  if (!keys.empty() || !settings.key_alias.empty() || name == settings.host) return keys;
  keys = known_keys(settings.known_hosts, settings.host);
  for (KnownKey& key : keys) key.bare = true;
  return keys;
}

Judged judge(std::span<const KnownKey> known, std::string_view blob) {
  const KnownKey* same = nullptr;
  const KnownKey* other = nullptr;
  for (const KnownKey& key : known) {
    if (key.revoked && key.blob == blob) return {Standing::revoked, key.place};
    if (key.revoked || key.authority || (key.bare && key.blob != blob)) continue;
    (key.blob == blob ? same : other) = &key;
  }
  if (same != nullptr) return {Standing::known, same->place};
  if (other != nullptr) return {Standing::changed, other->place};
  return {Standing::unknown, {}};
}

void remember(const std::string& file, const std::string& name, bool hashed,
              std::string_view blob) {
  std::string shown = lower(name);
  if (hashed) {
    std::array<char, 20> salt{};
    if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), salt.size()) != 1)
      throw Error(Cause::internal, "no random bytes for a salt");
    const std::string_view key(salt.data(), salt.size());
    shown = std::string(hash_mark) + to_base64(key) + "|" + to_base64(hmac_sha1(key, shown));
  }
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::error_code ignored;
  if (!folder.empty() && std::filesystem::create_directories(folder, ignored))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
  const std::string before = content_of(file);
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!out.open()) throw Error(Cause::cannot_create, printable(file) + ": " + std::strerror(errno));
  const std::string line = (before.empty() || before.ends_with('\n') ? "" : "\n") + shown + " " +
                           type_of_key(blob) + " " + to_base64(blob) + "\n";
  if (::write(out.number(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw Error(Cause::output, printable(file) + ": " + std::strerror(errno));
  ::fsync(out.number());
}

}  // namespace twin::remote
