// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/alone.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

namespace twin::app {

Descriptor alone_with(const std::string& file) {
  const std::string path = file + ".lock", name = printable(path);
  Descriptor out(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!out.open()) throw Error(Cause::cannot_create, name + ": " + std::strerror(errno));
  if (::flock(out.number(), LOCK_EX | LOCK_NB) != 0)
    throw Error(errno == EWOULDBLOCK ? Cause::try_again : Cause::cannot_create,
                name + ": " +
                    (errno == EWOULDBLOCK ? "another program writes " + printable(file)
                                          : std::string(std::strerror(errno))));
  return out;
}

}  // namespace twin::app
