// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/fetch.h"

#include <filesystem>
#include <system_error>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"

namespace twin::remote {

namespace fs = std::filesystem;

namespace {

const std::string manifest_name = "manifest.sha256";
constexpr process::Seconds short_answer{60};

/// 0 where there is none.
std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : size;
}

bool is_whole(const std::string& path, const Listed& file) {
  std::error_code error;
  return fs::is_regular_file(fs::symlink_status(path, error)) && size_of(path) == file.size &&
         sha256_file(path) == file.sha256;
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Error(Cause::cannot_create, printable(path) + ": " + error.message());
}

std::string manifest_of(Connection& connection, const std::string& folder) {
  const Ran ran = connection.run("cat " + shell_word(folder + "/" + manifest_name), short_answer);
  if (ran.status != 0)
    throw Error(Cause::no_input, printable(folder) + "/" + manifest_name + ": " +
                                     printable(std::string(trim(ran.error))));
  return ran.out;
}

/// One file, from where it was.
void fetch_file(Connection& connection, const std::string& folder, const std::string& into,
                const Listed& file, const Connection::Progress& progress) {
  const std::string path = into + "/" + file.name, part = path + ".part";
  if (is_whole(path, file)) return;
  for (int attempt = 0;; ++attempt) {
    std::error_code ignored;
    if (size_of(part) > file.size) fs::remove(part, ignored);
    if (size_of(part) < file.size || file.size == 0)
      connection.fetch(folder + "/" + file.name, part, progress);
    if (size_of(part) < file.size)
      throw Error(Cause::try_again, file.name + ": " + std::to_string(size_of(part)) + " of " +
                                        std::to_string(file.size) + " bytes are here");
    if (is_whole(part, file)) break;
    fs::remove(part, ignored);  // of an earlier attempt of the job, or damaged on its way
    if (attempt > 0)
      throw Error(Cause::data, printable(folder) + "/" + file.name +
                                   ": its content is not what the manifest says");
  }
  put_in_place(part, path);
}

}  // namespace

std::vector<Listed> fetch_job(Connection& connection, const std::string& folder,
                              const std::string& into, const FetchProgress& progress) {
  make_folder(into);
  const std::string text = manifest_of(connection, folder);
  const std::vector<Listed> files = read_manifest(text);
  std::uint64_t all = 0, here = 0;
  for (const Listed& file : files) all += file.size;
  for (const Listed& file : files) {
    const std::uint64_t before = size_of(into + "/" + file.name + ".part");
    fetch_file(connection, folder, into, file, [&](std::uint64_t bytes) {
      return !progress || progress(here + before + bytes, all);
    });
    here += file.size;
  }
  write_file_atomically(into + "/" + manifest_name, text);
  return files;
}

std::uint64_t follow_file(Connection& connection, const std::string& folder,
                          const std::string& into, const std::string& name) {
  make_folder(into);
  const std::string part = into + "/" + name + ".part";
  connection.fetch(folder + "/" + name, part, {});
  return size_of(part);
}

}  // namespace twin::remote
