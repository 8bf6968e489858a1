// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/openssh_words.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "core/text.h"
#include "remote/refusal.h"

namespace twin::remote {

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return has(text, part); });
}

/// What stands between two texts on one line; "" where they don't.
std::string between(const std::string& text, std::string_view before, std::string_view after) {
  const auto at = text.find(before);
  if (at == std::string::npos) return {};
  const auto from = at + before.size();
  const auto to = std::min(text.find(after, from), text.find('\n', from));
  if (to == std::string::npos) return {};
  return std::string(trim(text.substr(from, to - from)));
}

/// Its last line that says something.
std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string_view line : split(text, '\n')) {
    std::string_view words = trim(line);
    while (words.ends_with('\r')) words = trim(words.substr(0, words.size() - 1));
    if (!words.empty()) last = std::string(words.substr(0, 300));
  }
  return printable(last);
}

/// The key files that ssh passed over, since others may read them.
std::string loose_keys(const std::string& text) {
  std::string found;
  constexpr std::string_view before = "Permissions 0";
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const std::string file = printable(between(text.substr(at), "for '", "' are too open"));
    if (file.empty() || has(found, file + " (")) continue;
    found += (found.empty() ? "" : ", ") + file + " (refused: others may read it; chmod 600 " +
             file + ")";
  }
  return found;
}

Error denied(const Settings& settings, const std::string& text) {
  std::string tried = loose_keys(text);
  tried =
      "what ssh has (its keys, the agent's" + std::string(tried.empty() ? "" : "; ") + tried + ")";
  return {Cause::permission,
          not_let_in(settings, between(text, "Permission denied (", ")"), tried)};
}

/// The host's key; nothing of it is ours to overrule.
bool about_key(const std::string& text) {
  return has_any(text, {"Host key verification failed", "HOST IDENTIFICATION HAS CHANGED",
                        "REVOKED HOST KEY", "has changed and you have requested strict"});
}

Error of_key(const Settings& settings, const std::string& text) {
  if (has_any(text, {"REVOKED HOST KEY", "host key is revoked"}))
    return revoked_key(settings, printable(between(text, "revoked key in ", "\n")));
  if (has_any(text, {"HOST IDENTIFICATION HAS CHANGED", "has changed and you have requested"})) {
    const auto offending = text.find("Offending ");
    std::string place;
    if (offending != std::string::npos) place = between(text.substr(offending), " key in ", "\n");
    while (place.ends_with('\r')) place.pop_back();
    return changed_key(settings, printable(place));
  }
  const std::string type = between(text, "No ", " host key is known for");
  return unknown_key(settings, type.empty() ? "" : "one of type " + printable(type));
}

}  // namespace

Error said_by_ssh(const Settings& settings, const std::string& stderr_text, bool inside) {
  const std::string where = printable(settings.alias) + ": ", last = last_line(stderr_text);
  const auto because = [&](Cause cause, const std::string& what) {
    return Error(cause, where + what + (last.empty() ? "" : " (ssh: " + last + ")"));
  };
  if (about_key(stderr_text)) return of_key(settings, stderr_text);
  if (has(stderr_text, "Too many authentication failures"))
    return because(Cause::permission,
                   "too many keys were tried; IdentitiesOnly yes in ssh_config offers fewer");
  if (has_any(stderr_text, {"Permission denied (", "Permission denied, please"}))
    return denied(settings, stderr_text);
  if (has_any(stderr_text, {"Bad owner or permissions", "bad configuration option",
                            "Bad configuration option", "Can't open user config"}))
    return because(Cause::configuration, "ssh refuses its configuration");
  if (has(stderr_text, "Could not resolve hostname"))
    return because(Cause::unavailable, "no such host; is its name right?");
  if (has(stderr_text, "Connection refused"))
    return because(Cause::unavailable, "nothing listens there; is it up, and the port right?");
  if (has_any(stderr_text, {"timed out", "No route to host", "Network is unreachable"}) && !inside)
    return because(Cause::unavailable, "no answer; is it up, and reachable from here?");
  if (has(stderr_text, "no matching")) return because(Cause::unavailable, "no common algorithms");
  if (inside || last.empty() ||
      has_any(stderr_text, {"Connection closed", "Connection reset", "Broken pipe",
                            "closed by remote host", "not responding"}))
    return because(Cause::try_again,
                   inside ? "the connection broke; it is made anew when it is tried again"
                          : "it closed the connection; too many connections at a time?");
  return because(Cause::unavailable, "ssh does not connect");
}

Error said_by_sftp(const Settings& settings, const std::string& remote, const std::string& local,
                   const std::string& stderr_text) {
  const std::string there = printable(settings.alias + ":" + remote), here = printable(local);
  const std::string last = last_line(stderr_text);
  if (has_any(stderr_text, {"write local", "open local", "local open"}))
    return {Cause::output, here + ": " + last.substr(last.rfind(": ") + 2)};
  if (has(stderr_text, "local file is larger than remote"))
    return {Cause::no_input, there + ": shorter than what is here of it; was it written anew?"};
  if (has(stderr_text, "not a regular file") || has(stderr_text, "is a directory"))
    return {Cause::no_input, there + ": not a file, but a folder or a device"};
  if (has_any(stderr_text, {" not found.", "No such file or directory"}))
    return {Cause::no_input, there + ": not there"};
  if (has_any(stderr_text, {"remote open", "open remote", "stat remote", "read remote", "fstat"}))
    return {Cause::no_input, there + ": can't be read: " + last};
  if (has(stderr_text, "subsystem request failed"))
    return {Cause::unavailable, printable(settings.alias) + ": no SFTP there (sftp: " + last + ")"};
  return said_by_ssh(settings, stderr_text, true);
}

std::string sftp_word(const std::string& name) {
  std::string word = name.starts_with('/') ? "" : "./";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '_' || c == '-' || byte >= 0x80;
    if (!plain) word += '\\';
    word += c;
  }
  return word;
}

}  // namespace twin::remote
