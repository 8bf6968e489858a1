// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/text.h"
#include "formats/extended_xyz.h"

namespace twin::formats {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// What closes a value that begins with \p c; 0: it ends at a blank.
char closing(char c) {
  switch (c) {
    case '"':
    case '\'':
      return c;
    case '{':
      return '}';
    case '[':
      return ']';
    default:
      return '\0';
  }
}

/// The value at the beginning of \p rest, which is cut off; a backslash takes what follows as it
/// is.
std::optional<std::string> take_value(std::string_view& rest) {
  const char end = rest.empty() ? '\0' : closing(rest.front());
  const char begin = end ? rest.front() : '\0';
  std::string value;
  std::size_t at = end ? 1 : 0;
  for (int depth = 1; at < rest.size() && (end || !is_blank(rest[at])); ++at) {
    if (end && rest[at] == end && --depth == 0) break;
    if (end && end != begin && rest[at] == begin) ++depth;  // [[1, 2], [3, 4]]
    if (end && rest[at] == '\\' && at + 1 < rest.size()) ++at;
    value += rest[at];
  }
  if (end && at == rest.size()) return std::nullopt;
  rest.remove_prefix(end ? at + 1 : at);
  return value;
}

}  // namespace

std::optional<std::map<std::string, std::string>> xyz_keys(std::string_view line) {
  std::map<std::string, std::string> keys;
  for (std::string_view rest = trim(line); !rest.empty(); rest = trim(rest)) {
    std::string key;
    if (closing(rest.front())) {
      const auto quoted = take_value(rest);
      if (!quoted) return std::nullopt;
      key = *quoted;
    } else {
      const auto end = std::min(rest.find_first_of("= \t"), rest.size());
      key = std::string(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    rest = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
    std::string value = "T";
    if (rest.starts_with('=')) {
      rest = rest.substr(std::min(rest.find_first_not_of(" \t", 1), rest.size()));
      const auto taken = take_value(rest);
      if (!taken) return std::nullopt;
      value = *taken;
    }
    keys[lower(key)] = value;
  }
  return keys;
}

}  // namespace twin::formats
