// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/host.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "process/child.h"

namespace twin::remote {

namespace {

[[noreturn]] void refuse_place(const std::string& text, const std::string& what) {
  throw Error(Cause::usage, printable(text) + ": " + what);
}

/// ssh, sftp and a shell would take what begins with '-' for an option; a name needs no more than
/// these characters, and what has others is an attack or a slip.
void check_host(const std::string& host, const std::string& whole) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-@:[]").find(c) != std::string_view::npos;
  };
  const std::string name = host.substr(host.rfind('@') + 1);  // npos + 1 is 0
  if (name.empty() || host.front() == '@')
    refuse_place(whole, "no host; write HOST:DIR, as in cluster:runs");
  if (host.front() == '-' || name.front() == '-')
    refuse_place(whole,
                 "a host can't begin with '-', which ssh takes for an option; write its name");
  if (!std::all_of(host.begin(), host.end(), allowed))
    refuse_place(
        whole, "no such characters in a host; letters, digits and . _ - @, an IPv6 address in [ ]");
}

/// "[::1]" or "user@[::1]" without its brackets, as ssh wants it.
std::string without_brackets(std::string host) {
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  return host;
}

std::string checked_folder(std::string folder, const std::string& whole) {
  if (folder == "~" || folder == "~/") return ".";
  if (folder.starts_with("~/")) folder.erase(0, folder.find_first_not_of('/', 1));
  if (folder.empty()) refuse_place(whole, "no folder; write HOST:DIR, HOST:. for the home there");
  if (folder.front() == '-')
    refuse_place(whole, "a folder that begins with '-' is an option to every program; write ./" +
                            printable(folder));
  if (folder.front() == '~') refuse_place(whole, "'~user' is not known here; write the whole path");
  if (printable(folder) != folder)
    refuse_place(whole, "control characters in the folder; a plain name is needed");
  for (const std::string_view part : split(folder, '/'))
    if (part == "..") refuse_place(whole, "a folder can't lead upwards by '..'; write where to");
  return folder;
}

/// Of the user, as ssh has it: not of $HOME.
std::string home() {
  const passwd* user = ::getpwuid(::getuid());
  if (user != nullptr && user->pw_dir != nullptr) return user->pw_dir;
  const char* folder = std::getenv("HOME");
  return folder != nullptr ? folder : "";
}

/// The ~ and % tokens that `ssh -G` leaves as they are.
std::string expanded(std::string text, const Settings& settings) {
  if (text.starts_with("~/")) text.replace(0, 1, home());
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    switch (text[++at]) {
      case '%':
        out += '%';
        break;
      case 'd':
        out += home();
        break;
      case 'h':
        out += settings.host;
        break;
      case 'i':
        out += std::to_string(::getuid());
        break;
      case 'k':
        out += settings.key_alias.empty() ? settings.host : settings.key_alias;
        break;
      case 'n':
        out += settings.alias.substr(settings.alias.rfind('@') + 1);
        break;
      case 'p':
        out += std::to_string(settings.port);
        break;
      case 'r':
        out += settings.user;
        break;
      default:
        out += {'%', text[at]};
    }
  }
  return out;
}

/// Of IdentityAgent's forms: a path, SSH_AUTH_SOCK, $NAME, none.
std::string agent_socket(const std::string& value) {
  if (value == "none") return {};
  std::string variable = "SSH_AUTH_SOCK";
  if (value.starts_with('$')) variable = value.substr(1);
  if (!value.empty() && value != "SSH_AUTH_SOCK" && !value.starts_with('$')) return value;
  const char* socket = std::getenv(variable.c_str());
  return socket != nullptr ? socket : "";
}

bool said_yes(const std::string& value) { return value != "no" && value != "false"; }

/// One line of `ssh -G`: a name in small letters, and the rest.
void take(Settings& settings, const std::string& name, const std::string& value,
          std::string& agent) {
  const bool none = value == "none";
  if (name == "hostname") settings.host = value;
  if (name == "user") settings.user = value;
  if (name == "port") settings.port = static_cast<int>(parse_integer(value).value_or(22));
  if (name == "hostkeyalias") settings.key_alias = value;
  if (name == "identityfile" && !none) settings.identities.push_back(value);
  if (name == "userknownhostsfile" || name == "globalknownhostsfile")
    for (const std::string_view file : words(value))
      if (file != "none") settings.known_hosts.emplace_back(file);
  if (name == "identityagent") agent = value;
  if (name == "identitiesonly") settings.identities_only = said_yes(value);
  if (name == "hashknownhosts") settings.hash_known_hosts = said_yes(value);
  if ((name == "proxyjump" || name == "proxycommand") && !none) settings.jump = value;
  if (name == "controlpath" && !none) settings.control_path = value;
  if (name == "controlmaster" && said_yes(value)) settings.shared = true;
  if (name == "controlpersist") settings.control_persist = said_yes(value);
  for (const char* special :
       {"CertificateFile", "KnownHostsCommand", "PKCS11Provider", "RevokedHostKeys"})
    if (name == lower(special) && !none) settings.beyond = special;
}

Settings parsed(const std::string& text, Settings settings) {
  std::vector<std::string> system_wide;
  std::string agent;
  for (const std::string_view line : split(text, '\n')) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    const std::string name(line.substr(0, blank));
    const auto before = static_cast<std::ptrdiff_t>(settings.known_hosts.size());
    take(settings, name, std::string(trim(line.substr(blank))), agent);
    if (name != "globalknownhostsfile") continue;  // printed before the user's
    const auto first = settings.known_hosts.begin() + before;
    system_wide.assign(first, settings.known_hosts.end());
    settings.known_hosts.erase(first, settings.known_hosts.end());
  }
  settings.known_hosts.insert(settings.known_hosts.end(), system_wide.begin(), system_wide.end());
  for (std::string& file : settings.identities) file = expanded(file, settings);
  for (std::string& file : settings.known_hosts) file = expanded(file, settings);
  settings.agent = expanded(agent_socket(agent), settings);
  settings.shared = settings.shared || !settings.control_path.empty();
  settings.digest = sha256(settings.config + "\n" + text);
  return settings;
}

}  // namespace

Place parse_place(const std::string& text) {
  const auto bracket = text.find('[');
  const auto colon = text.find(':');
  const bool address = bracket != std::string::npos && bracket < colon;
  const auto at = address ? text.find(':', text.find(']', bracket)) : colon;
  if (at == std::string::npos) refuse_place(text, "no folder; write HOST:DIR, as in cluster:runs");
  const std::string host = text.substr(0, at);
  if (host.empty()) refuse_place(text, "no host; write HOST:DIR, as in cluster:runs");
  check_host(host, text);
  return {without_brackets(host), checked_folder(text.substr(at + 1), text)};
}

Settings settings_of(const std::string& host) {
  if (host.empty()) refuse_place(host, "no host");
  check_host(host, host);
  Settings settings;
  settings.alias = without_brackets(host);
  if (const char* config = std::getenv("TWIN_SSH_CONFIG")) settings.config = config;
  process::Launch launch{.argv = {"ssh", "-G", "-T"}, .environment = {{"LC_ALL", "C"}}};
  if (!settings.config.empty()) launch.argv.insert(launch.argv.end(), {"-F", settings.config});
  launch.argv.insert(launch.argv.end(), {"--", settings.alias});
  if (process::find_program("ssh").empty())
    throw Error(Cause::unavailable, "ssh: not found; it is in the package openssh-client");
  const process::Finished said = process::run(launch, process::Seconds(20));
  if (said.ending.status != 0)
    throw Error(Cause::configuration,
                printable(host) + ": ssh refuses its configuration: " + said.ending.last_lines);
  return parsed(said.out, std::move(settings));
}

std::string shell_word(const std::string& text) {
  if (text.find('\0') != std::string::npos)
    throw Error(Cause::usage, printable(text) + ": a NUL can't be in a word of a shell");
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string known_name(const Settings& settings) {
  if (!settings.key_alias.empty()) return settings.key_alias;
  if (settings.port == 22) return settings.host;
  return "[" + settings.host + "]:" + std::to_string(settings.port);
}

}  // namespace twin::remote
