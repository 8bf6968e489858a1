// SPDX-License-Identifier: GPL-3.0-or-later
#include "feff/cache.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"

namespace twin::feff {

namespace {

constexpr std::string_view magic = "twinline-feff 1 ";
constexpr std::size_t hash_length = 64;

std::string default_folder() {
  // The specification wants relative paths ignored.
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && cache[0] == '/')
    return std::string(cache) + "/twinline/feff";
  if (const char* home = std::getenv("HOME"); home && home[0] == '/')
    return std::string(home) + "/.cache/twinline/feff";
  return {};
}

}  // namespace

Cache::Cache() : folder_(default_folder()) {}

std::optional<Files> Cache::get(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  try {
    return unpack(read_file(folder_ + "/" + key + ".run"));
  } catch (const Error&) {
    return std::nullopt;
  }
}

void Cache::put(const std::string& key, const Files& files) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  try {
    write_file_atomically(folder_ + "/" + key + ".run", pack(files));
  } catch (const Error&) {
    return;
  }
}

std::string pack(const Files& files) {
  std::string body;
  for (const auto& [name, content] : files)
    body += name + " " + std::to_string(content.size()) + "\n" + content;
  return std::string(magic) + sha256(body) + "\n" + body;
}

std::optional<Files> unpack(const std::string& bytes) {
  const std::size_t start = magic.size() + hash_length + 1;
  if (bytes.size() < start || !bytes.starts_with(magic) || bytes[start - 1] != '\n')
    return std::nullopt;
  std::string_view body(bytes);
  body.remove_prefix(start);
  if (sha256(body) != bytes.substr(magic.size(), hash_length)) return std::nullopt;
  Files files;
  while (!body.empty()) {
    const std::size_t line = body.find('\n'), blank = body.find(' ');
    if (line == std::string_view::npos || blank >= line) return std::nullopt;
    const auto size = parse_integer(body.substr(blank + 1, line - blank - 1));
    const std::string name(body.substr(0, blank));
    body.remove_prefix(line + 1);
    if (!size || *size < 0 || static_cast<std::size_t>(*size) > body.size()) return std::nullopt;
    files[name] = body.substr(0, static_cast<std::size_t>(*size));
    body.remove_prefix(static_cast<std::size_t>(*size));
  }
  return files;
}

}  // namespace twin::feff
