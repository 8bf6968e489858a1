// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/audit_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::app {

AuditFile::AuditFile(std::string path, std::string_view begins, const std::string& taken,
                     std::string without)
    : path_(std::move(path)),
      without_(std::move(without)),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644)) {
  const std::string name = printable(path_);
  struct stat status {};
  if (!file_.open() || ::fstat(file_.number(), &status) != 0)
    throw Error(Cause::cannot_create, name + ": " + std::strerror(errno) + "; a log is expected");
  if (!S_ISREG(status.st_mode))
    throw Error(Cause::cannot_create, name + ": no plain file; a log is expected");
  if (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0)
    throw Error(errno == EWOULDBLOCK ? Cause::try_again : Cause::output,
                name + ": " + (errno == EWOULDBLOCK ? taken : std::strerror(errno)));
  // Its size as it is now that nobody else writes.
  if (::fstat(file_.number(), &status) != 0)
    throw Error(Cause::no_input, name + ": " + std::strerror(errno));
  const auto size = static_cast<std::size_t>(status.st_size);
  const std::string head = read(0, std::min(size, begins.size()));
  if (!begins.starts_with(head))
    throw Error(Cause::cannot_create, name + ": no such log; it stays as it is");
  size_ = line_end(size);
  if (size_ < size) cut(size_);
}

/// Behind the last end of a line before \p before; 0 for none.
std::size_t AuditFile::line_end(std::size_t before) const {
  constexpr std::size_t block = 65536;
  while (before > 0) {
    const std::size_t from = before > block ? before - block : 0;
    const auto found = read(from, before).rfind('\n');
    if (found != std::string::npos) return from + found + 1;
    before = from;
  }
  return 0;
}

std::string AuditFile::read(std::size_t from, std::size_t to) const {
  std::string out(to - from, '\0');
  if (::pread(file_.number(), out.data(), out.size(), static_cast<off_t>(from)) !=
      static_cast<ssize_t>(out.size()))
    throw Error(Cause::no_input, printable(path_) + ": it can't be read");
  return out;
}

std::string AuditFile::last_line() const {
  return size_ < 2 ? "" : read(line_end(size_ - 1), size_ - 1);
}

void AuditFile::cut(std::size_t size) {
  if (::ftruncate(file_.number(), static_cast<off_t>(size)) != 0)
    throw Error(Cause::output, printable(path_) + ": " + std::strerror(errno));
}

const record::Value& needed(const record::Value& line, const char* key) {
  const record::Value* found = line.find(key);
  if (found == nullptr) throw Error(Cause::data, std::string(key) + " is missing");
  return *found;
}

void AuditFile::check() const {
  struct stat here {
  }, there{};
  if (::fstat(file_.number(), &here) == 0 && ::stat(path_.c_str(), &there) == 0 &&
      here.st_ino == there.st_ino && here.st_dev == there.st_dev)
    return;
  throw Error(Cause::output, printable(path_) + ": the log was moved away");
}

void AuditFile::append(std::string line, bool synced) {
  line += '\n';
  const ssize_t written = ::write(file_.number(), line.data(), line.size());
  const bool whole = written == static_cast<ssize_t>(line.size());
  if (whole && (!synced || ::fdatasync(file_.number()) == 0)) {
    size_ += line.size();
    return;
  }
  const int why = whole || written < 0 ? errno : ENOSPC;
  if (written > 0) cut(size_);
  throw Error(Cause::output, printable(path_) + ": " + std::strerror(why) + "; " + without_);
}

}  // namespace twin::app
