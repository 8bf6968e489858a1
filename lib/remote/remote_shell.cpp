// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/remote_shell.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace twin::remote {

namespace {

constexpr std::string_view mark = "\ntwinline-status ", begin = "twinline-begin\n";

}  // namespace

const char* shell_command() {
  // Quoted so that sh, csh and fish take it alike.
  return "exec sh -c 'echo twinline-begin; sh -s; printf \"\\ntwinline-status %d\\n\" $?'";
}

std::optional<Ran> understood(std::string out, std::string error) {
  const auto at = out.rfind(mark);
  const auto end = at == std::string::npos ? at : out.find('\n', at + mark.size());
  if (end == std::string::npos) return std::nullopt;
  const auto status =
      parse_integer(std::string_view(out).substr(at + mark.size(), end - at - mark.size()));
  if (!status) return std::nullopt;
  // What a process of its background wrote later stays.
  out.erase(at, end + 1 - at);
  // A greeting of the login shell stands before it.
  if (const auto first = out.find(begin); first < at) out.erase(0, first + begin.size());
  return Ran{static_cast<int>(*status), std::move(out), std::move(error)};
}

void check_remote_name(const std::string& name) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
  if (name.empty() || std::any_of(name.begin(), name.end(), control))
    throw Error(Cause::data, "'" + printable(name) +
                                 "': not a name of a file that is fetched; control characters are "
                                 "refused");
}

}  // namespace twin::remote
