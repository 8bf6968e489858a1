// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/text.h"

namespace twin {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(Cause cause, const std::string& path, int error) {
  throw Error(cause, printable(path) + ": " + std::strerror(error));
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// So that a new name survives a power cut. Some network file systems refuse: not an error.
void sync_folder(const std::string& folder) {
  Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.open()) ::fsync(descriptor.number());
}

/// Creates \p path, which must not exist, with \p content and synced; removes it when that fails.
void write_new(const std::string& path, std::string_view content, mode_t mode) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.open()) fail(Cause::cannot_create, path, errno);
  if (write_all(file.number(), content) && ::fsync(file.number()) == 0 && file.close()) return;
  const int error = errno;
  ::unlink(path.c_str());
  fail(Cause::output, path, error);
}

/// \throws Error{no_input}, Error{data} more than \p limit bytes
std::string content_of(const Descriptor& file, const std::string& path, std::size_t limit) {
  std::string out;
  std::array<char, 1u << 16> block;
  for (;;) {
    const ssize_t count = ::read(file.number(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(Cause::no_input, path, errno);
    if (count == 0) return out;
    out.append(block.data(), static_cast<std::size_t>(count));
    if (out.size() > limit)
      throw Error(Cause::data, printable(path) + ": larger than " + std::to_string(limit) +
                                   " bytes; this is not the file that was meant");
  }
}

bool holds_already(const std::string& path, std::string_view content) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  if (fs::file_size(path, error) != content.size() || error) return false;
  try {
    return read_file(path, content.size() + 1) == content;
  } catch (const Error&) {
    return false;
  }
}

/// A name beside \p path that nobody else has: process and a counter; O_EXCL decides.
std::string aside(const std::string& path, int attempt) {
  const fs::path full(path);
  const std::string name = "." + full.filename().string() + "." + std::to_string(::getpid()) + "." +
                           std::to_string(attempt) + ".part";
  return (full.parent_path() / name).string();
}

std::string program_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().string();
}

}  // namespace

std::string read_regular_file(const std::string& path, std::size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.open()) fail(Cause::no_input, path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode))
    throw Error(Cause::no_input, printable(path) + ": no plain file");
  return content_of(file, path, limit);
}

std::string read_file(const std::string& path, std::size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) fail(Cause::no_input, path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode))
    fail(Cause::no_input, path, EISDIR);
  return content_of(file, path, limit);
}

void write_file_atomically(const std::string& path, std::string_view content) {
  if (holds_already(path, content)) return;
  // The mode of a file that is replaced stays; a link is replaced by what it points to.
  std::error_code ignored;
  const std::string target =
      fs::is_symlink(path, ignored) ? fs::weakly_canonical(path).string() : path;
  struct stat old {};
  const bool replaces = ::stat(target.c_str(), &old) == 0;
  if (replaces && S_ISDIR(old.st_mode)) fail(Cause::cannot_create, path, EISDIR);
  std::string part;
  for (int attempt = 0;; ++attempt) {
    part = aside(target, attempt);
    try {
      write_new(part, content, replaces ? old.st_mode & 0777 : 0666);
      break;
    } catch (const Error&) {
      if (!fs::exists(part, ignored) || attempt > 99) throw;
    }
  }
  if (::rename(part.c_str(), target.c_str()) != 0) {
    const int error = errno;
    ::unlink(part.c_str());
    fail(Cause::output, path, error);
  }
  sync_folder(folder_of(target));
}

void put_in_place(const std::string& written, const std::string& path) {
  Descriptor file(::open(written.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) fail(Cause::output, written, errno);
  if (::fsync(file.number()) != 0) fail(Cause::output, written, errno);
  if (::rename(written.c_str(), path.c_str()) != 0) fail(Cause::output, path, errno);
  sync_folder(folder_of(path));
}

void create_file(const std::string& path, std::string_view content) {
  write_new(path, content, 0666);
  sync_folder(folder_of(path));
}

TemporaryFolder::TemporaryFolder(std::string_view prefix) {
  const char* const base = std::getenv("TMPDIR");
  path_ =
      (fs::path(base != nullptr && *base != 0 ? base : "/tmp") / (std::string(prefix) + "XXXXXX"))
          .string();
  if (::mkdtemp(path_.data()) == nullptr) fail(Cause::cannot_create, path_, errno);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string shared_file(const std::string& relative) {
  const fs::path wanted(relative);
  const bool leaves = wanted.is_absolute() || std::ranges::find(wanted, "..") != wanted.end();
  std::vector<std::string> folders;
  if (const char* set = std::getenv("TWINLINE_SHARE"); set != nullptr && *set != 0)
    folders.emplace_back(set);
  folders.push_back(program_folder() + "/../share/twinline");
  folders.push_back(program_folder() + "/../../../share");
  for (const std::string& folder : folders) {
    const fs::path path = fs::path(folder) / wanted;
    std::error_code error;
    if (!leaves && fs::exists(path, error)) return path.lexically_normal().string();
  }
  throw Error(Cause::no_input, printable(relative) + ": not among the shared files in " +
                                   printable(folders.front()) + "; set TWINLINE_SHARE");
}

}  // namespace twin
