// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/obey_signs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"

namespace twin::app {

bool is_there(const std::string& path) {
  struct stat status {};
  return !path.empty() && (::lstat(path.c_str(), &status) == 0 || errno != ENOENT);
}

bool token_holds(const std::string& path) {
  constexpr std::size_t most_of_token = 16384;
  try {
    const auto text = read_regular_file(path, most_of_token);
    const auto all = words(text);
    const auto until = all.empty() ? std::nullopt : parse_utc(all.front());
    return until && seconds_now() < *until;
  } catch (const Error&) {
    return false;
  }
}

Parent::Parent() : first_(::getppid()) {}

bool Parent::gone() const {
  if (::getppid() == first_) return false;
  struct sigaction hangup {};
  return ::sigaction(SIGHUP, nullptr, &hangup) != 0 || hangup.sa_handler != SIG_IGN;
}

}  // namespace twin::app
