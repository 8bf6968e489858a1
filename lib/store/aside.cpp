// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/aside.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::store {

namespace {

[[noreturn]] void can_not(const std::string& name, const std::string& what) {
  const bool forbidden = errno == EACCES || errno == EPERM;
  throw Error(forbidden ? Cause::permission : Cause::output,
              printable(name) + ": " + what + std::strerror(errno));
}

struct flock whole_file() {
  struct flock out {};
  out.l_type = F_WRLCK;
  out.l_whence = SEEK_SET;
  return out;
}

}  // namespace

std::string Aside::name_of(const std::string& path) {
  const std::filesystem::path whole(path);
  return (whole.parent_path() / ("." + whole.filename().string() + ".part")).string();
}

Aside::Aside(std::string path) : path_(std::move(path)), name_(name_of(path_)) {
  while (!lock()) {
  }
  if (::ftruncate(file_.number(), 0) != 0) can_not(name_, "");
}

/// A lock of the open file (fcntl(2), F_OFD_SETLKW): HDF5, which opens it once more, uses flock(2).
/// \return  false: whoever had it has renamed or removed it meanwhile
bool Aside::lock() {
  file_ = Descriptor(::open(name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file_.open()) can_not(name_, "");
  struct flock whole = whole_file();
  while (::fcntl(file_.number(), F_OFD_SETLKW, &whole) != 0)
    if (errno != EINTR) can_not(name_, "lock: ");
  return is_still(file_.number(), name_);
}

bool Aside::in_use(const std::string& path) {
  const Descriptor file(::open(name_of(path).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  struct flock whole = whole_file();
  return file.open() && ::fcntl(file.number(), F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

Aside::~Aside() {
  if (!kept_) ::unlink(name_.c_str());
}

void Aside::keep() {
  if (::fsync(file_.number()) != 0) can_not(name_, "sync: ");
  if (std::rename(name_.c_str(), path_.c_str()) != 0) can_not(path_, "rename: ");
  kept_ = true;
  sync_folder_of(path_);
}

bool is_still(int file, const std::string& path) {
  struct stat opened {
  }, named{};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

void sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  // Some file systems know no sync of folders: then there is nothing to wait for.
  if (!done && error != EINVAL)
    throw Error(Cause::output, printable(folder) + ": sync: " + std::strerror(error));
}

}  // namespace twin::store
