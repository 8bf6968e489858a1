// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/refusal.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>

#include "core/text.h"

namespace twin::remote {

namespace {

std::string name_of(const Settings& settings) { return printable(settings.alias); }

/// A word that a shell takes as it is, or quoted.
std::string pasted(const std::string& word) {
  const bool plain = word.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789._-/@:%+=,") == std::string::npos;
  return plain && !word.empty() ? word : shell_word(word);
}

bool is_socket(const std::string& path) {
  struct stat status = {};
  return !path.empty() && ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

/// A folder that is ours alone.
bool private_folder(const std::string& folder) {
  struct stat status = {};
  return ::stat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         (status.st_mode & 022) == 0;
}

}  // namespace

Error changed_key(const Settings& settings, const std::string& place) {
  const auto file = place.substr(0, place.rfind(':'));
  std::string text = name_of(settings) + ": its host key is not the one that is known";
  if (!place.empty()) text += " (" + place + ")";
  text +=
      "; either it was installed anew, or someone stands between: ask who runs it, and only then "
      "ssh-keygen -R " +
      pasted(known_name(settings));
  if (!place.empty()) text += " -f " + pasted(file);
  return {Cause::permission, text};
}

Error unknown_key(const Settings& settings, const std::string& shown) {
  std::string text = name_of(settings) + ": its host key is not known";
  if (!shown.empty()) text += ": " + shown;
  return {Cause::permission,
          text +
              "; compare that with what its administrators publish and accept it once: "
              "--accept-new, or ssh " +
              pasted(settings.alias) + " by hand"};
}

Error revoked_key(const Settings& settings, const std::string& place) {
  return {Cause::permission, name_of(settings) + ": its host key has been revoked" +
                                 (place.empty() ? "" : " (" + place + ")") +
                                 "; don't go there before its administrators say why"};
}

std::string not_let_in(const Settings& settings, const std::string& methods,
                       const std::string& tried) {
  std::string text =
      name_of(settings) + ": " + printable(settings.user) + " is not let in; tried: " +
      (tried.empty() ? "nothing, for there is no key; ssh-keygen -t ed25519 makes one" : tried);
  if (!methods.empty()) text += "; the host would take: " + printable(methods);
  if (methods.find("password") != std::string::npos ||
      methods.find("keyboard-interactive") != std::string::npos)
    text +=
        "; where that is a password or a second factor, open a connection by hand first, which "
        "is then shared: " +
        by_hand(settings);
  return text;
}

std::string own_control_path(const Settings& settings) {
  // ssh listens at a longer name first: this one, a dot and 16 characters.
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1 - 17;
  std::string folder;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR")) folder = runtime;
  if (folder.empty() || !private_folder(folder)) {
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') return {};
    folder = std::string(home) + "/.ssh";
    ::mkdir(folder.c_str(), 0700);
  }
  const std::string path = folder + "/twinline-" + settings.digest.substr(0, 20);
  const bool plain = path.find_first_of("%\"$") == std::string::npos;  // ssh would expand those
  return path.size() <= longest && plain && private_folder(folder) ? path : std::string();
}

bool shared_connection_open(const Settings& settings) {
  return is_socket(settings.control_path.empty() ? own_control_path(settings)
                                                 : settings.control_path);
}

std::string by_hand(const Settings& settings) {
  std::string path = settings.control_path;
  if (path.empty()) path = own_control_path(settings);
  std::string command = "ssh -fNM -o ControlPersist=8h";
  if (!path.empty()) command += " -S " + pasted(path);
  if (!settings.config.empty()) command += " -F " + pasted(settings.config);
  return command + " " + pasted(settings.alias);
}

}  // namespace twin::remote
