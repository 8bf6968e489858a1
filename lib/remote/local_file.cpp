// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/local_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

namespace twin::remote {

namespace {

[[noreturn]] void cant_write(const std::string& path) {
  throw Error(Cause::output, printable(path) + ": " + std::strerror(errno));
}

}  // namespace

LocalFile::LocalFile(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
  struct stat status = {};
  if (!file_.open() || ::fstat(file_.number(), &status) != 0) cant_write(path_);
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (::lseek(file_.number(), 0, SEEK_END) < 0) cant_write(path_);
}

void LocalFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file_.number(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) cant_write(path_);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    size_ += static_cast<std::uint64_t>(put);
  }
}

void LocalFile::close() {
  if (!file_.close()) cant_write(path_);
}

}  // namespace twin::remote
