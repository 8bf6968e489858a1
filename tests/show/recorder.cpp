// SPDX-License-Identifier: GPL-3.0-or-later
// To be preloaded: appends to $RECORDER_LOG what a program does to files below $RECORDER_FOLDER,
// which is what a disk would see, and what it prints. See power_loss.py, which reads it.
//
// An entry is Head, then a path, then bytes. Whatever the thread, an entry follows its deed before
// the next deed is done.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

namespace {

enum class Deed : std::uint32_t { write = 1, truncate, sync, rename, remove, print };

struct Head {
  Deed deed;
  std::uint32_t path, bytes;  ///< lengths
  std::uint64_t inode;
  std::int64_t offset;  ///< or size
};

std::mutex& one_at_a_time() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

const std::string& setting(const char* name) {
  static const auto* log =
      new std::string(std::getenv("RECORDER_LOG") ? std::getenv("RECORDER_LOG") : "");
  static const auto* folder =
      new std::string(std::getenv("RECORDER_FOLDER") ? std::getenv("RECORDER_FOLDER") : "");
  return std::strcmp(name, "log") == 0 ? *log : *folder;
}

void put(Deed deed, std::uint64_t inode, std::int64_t offset, std::string_view path,
         std::string_view bytes) {
  const int error = errno;
  const auto log = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, setting("log").c_str(),
                                              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  Head head{deed, static_cast<std::uint32_t>(path.size()), static_cast<std::uint32_t>(bytes.size()),
            inode, offset};
  std::array<iovec, 3> parts{{{&head, sizeof head},
                              {const_cast<char*>(path.data()), path.size()},
                              {const_cast<char*>(bytes.data()), bytes.size()}}};
  if (log < 0 || ::syscall(SYS_writev, log, parts.data(), 3) < 0) ::_exit(99);
  ::syscall(SYS_close, log);
  errno = error;
}

std::string name_of(int file) {
  std::array<char, 4096> name{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), name.data(), name.size());
  return {name.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// Whether a file is one of those that are watched; then which.
bool watched(int file, struct stat& status, std::string& name) {
  if (setting("log").empty() || ::fstat(file, &status) != 0) return false;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return false;
  name = name_of(file);
  return name.starts_with(setting("folder"));
}

template <class Do>
ssize_t written(int file, const void* bytes, std::int64_t offset, const Do& deed) {
  const std::lock_guard lock(one_at_a_time());
  const ssize_t count = deed();
  struct stat status {};
  std::string name;
  if (count <= 0 || setting("log").empty()) return count;
  const std::string_view what(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
  if (watched(file, status, name))
    put(Deed::write, status.st_ino,
        offset >= 0 ? offset : ::syscall(SYS_lseek, file, 0L, SEEK_CUR) - count, name, what);
  else if (file == STDOUT_FILENO)
    put(Deed::print, 0, 0, "", what);
  return count;
}

template <class Do>
int done(Deed deed, int file, std::int64_t size, const Do& how) {
  const std::lock_guard lock(one_at_a_time());
  const int result = how();
  struct stat status {};
  std::string name;
  if (result == 0 && watched(file, status, name)) put(deed, status.st_ino, size, name, "");
  return result;
}

std::string absolute(const char* path) {
  if (path[0] == '/') return path;
  std::array<char, 4096> folder{};
  return ::getcwd(folder.data(), folder.size()) == nullptr
             ? path
             : std::string(folder.data()) + "/" + path;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  return written(file, bytes, -1, [&] { return ::syscall(SYS_write, file, bytes, size); });
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return written(file, bytes, offset,
                 [&] { return ::syscall(SYS_pwrite64, file, bytes, size, offset); });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return pwrite(file, bytes, size, offset);
}

int ftruncate(int file, off_t size) noexcept {
  return done(Deed::truncate, file, size,
              [&] { return static_cast<int>(::syscall(SYS_ftruncate, file, size)); });
}

int ftruncate64(int file, off64_t size) noexcept { return ftruncate(file, size); }

int fsync(int file) {
  return done(Deed::sync, file, 0, [&] { return static_cast<int>(::syscall(SYS_fsync, file)); });
}

int fdatasync(int file) {
  return done(Deed::sync, file, 0,
              [&] { return static_cast<int>(::syscall(SYS_fdatasync, file)); });
}

int rename(const char* from, const char* to) noexcept {
  const std::lock_guard lock(one_at_a_time());
  const auto result = static_cast<int>(::syscall(SYS_rename, from, to));
  if (result == 0 && absolute(to).starts_with(setting("folder")) && !setting("log").empty())
    put(Deed::rename, 0, 0, absolute(from), absolute(to));
  return result;
}

int unlink(const char* path) noexcept {
  const std::lock_guard lock(one_at_a_time());
  const auto result = static_cast<int>(::syscall(SYS_unlink, path));
  if (result == 0 && absolute(path).starts_with(setting("folder")) && !setting("log").empty())
    put(Deed::remove, 0, 0, absolute(path), "");
  return result;
}

}  // extern "C"
