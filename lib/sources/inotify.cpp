// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace twin::sources {

namespace {

constexpr std::uint32_t wanted = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO |
                                 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

FolderEvent::Kind kind_of(std::uint32_t mask) {
  if ((mask & IN_Q_OVERFLOW) != 0) return FolderEvent::Kind::lost;
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0)
    return FolderEvent::Kind::gone;
  if ((mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) return FolderEvent::Kind::closed;
  return (mask & IN_CREATE) != 0 ? FolderEvent::Kind::made : FolderEvent::Kind::written;
}

}  // namespace

Inotify::Inotify() : file_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!file_.open())
    throw Error(Cause::unavailable, std::string("inotify: ") + std::strerror(errno) +
                                        "; --watch-by polling works without");
}

int Inotify::add(const std::string& folder) {
  return ::inotify_add_watch(file_.number(), folder.c_str(), wanted);
}

std::vector<FolderEvent> Inotify::read() {
  std::vector<FolderEvent> out;
  alignas(inotify_event) std::array<char, 1u << 16> buffer{};
  while (true) {
    const ssize_t got = ::read(file_.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      FolderEvent told{kind_of(event.mask), event.wd, {}};
      // Padded with zeros to its length.
      if (event.len > 0) told.name = buffer.data() + at + sizeof event;
      if ((event.mask & IN_ISDIR) == 0) out.push_back(std::move(told));
      at += sizeof event + event.len;
    }
  }
}

}  // namespace twin::sources
