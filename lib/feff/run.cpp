// SPDX-License-Identifier: GPL-3.0-or-later
#include "feff/run.h"

#include <filesystem>
#include <mutex>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "feff/feff.h"
#include "process/child.h"

namespace twin::feff {

namespace fs = std::filesystem;

namespace {

constexpr const char* program = "feff6l";
constexpr process::Seconds deadline{60.0};

/// Where the program is.
std::string program_path() {
  const std::string path = process::find_program(program);
  if (!path.empty()) return path;
  throw Error(Cause::unavailable,
              "feff: feff6l is not in $PATH; install the Debian package feff85exafs");
}

/// Tells releases of the program apart without running it.
std::string program_hash() {
  static std::mutex mutex;
  static Files known;
  const std::string path = program_path();
  const std::scoped_lock lock(mutex);
  if (!known.count(path)) known[path] = sha256_file(path);
  return known[path];
}

bool is_result(const std::string& name) { return name == "phase.bin" || is_path_file(name); }

Files collect(const std::string& folder) {
  Files files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (const std::string name = entry.path().filename().string();
        entry.is_regular_file() && is_result(name))
      files[name] = read_file(entry.path().string());
  return files;
}

/// What is wrong with one of the paths; "" when nothing is. A file cut short must not be cached.
std::string broken_path(const Files& files) {
  try {
    for (const auto& [name, content] : files)
      if (is_path_file(name)) static_cast<void>(parse_feff_dat(content, name));
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// Puts the folder where the temporary one's end does not remove it, and says where.
std::string keep(const std::string& folder) {
  std::error_code error;
  fs::rename(folder, folder + ".failed", error);
  if (!error) fs::create_directory(folder, error);
  return folder + ".failed";
}

[[noreturn]] void fail(const std::string& folder, const std::string& how, const std::string& log) {
  throw Error(Cause::unavailable, "feff: feff6l " + how + " (its folder is kept: " + keep(folder) +
                                      "); its last lines: " + printable(trim(log)));
}

/// The path finder gives up at 10 000 paths, but goes on with a warning at its other limits.
void check_complete(const std::string& log) {
  for (const char* warning : {"10000 paths", "limit exceeded", "Pathfinder stopping"})
    if (log.find(warning) != std::string::npos)
      throw Error(Cause::configuration,
                  "feff: more paths than feff6l can list; expected a smaller rmax or fewer legs");
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t most = 400;
  return text.size() > most ? text.substr(text.size() - most) : text;
}

Files compute(const Files& input) {
  const TemporaryFolder folder("twinline-feff");
  for (const auto& [name, content] : input) create_file(folder.path() + "/" + name, content);
  process::Launch launch;
  launch.argv = {program};
  launch.folder = folder.path();
  process::Finished finished;
  try {
    finished = process::run(launch, deadline);
  } catch (const Error& error) {
    fail(folder.path(), "did not end", error.what());
  }
  const auto& ending = finished.ending;
  const std::string said = last_lines(finished.out + finished.error);
  if (ending.timed_out) fail(folder.path(), "ran longer than a minute and was killed", said);
  if (ending.status != 0)
    fail(folder.path(), "ended with status " + std::to_string(ending.status), said);
  check_complete(finished.out);
  Files files = collect(folder.path());
  if (const std::string broken = broken_path(files); !broken.empty())
    fail(folder.path(), "left a broken file (" + broken + "); is the disk full?", said);
  // It ends with status 0 also when it gives up.
  if (!files.count("feff0001.dat")) fail(folder.path(), "left no feff0001.dat", said);
  files["feff.run"] = finished.out;
  return files;
}

}  // namespace

bool is_path_file(const std::string& name) {
  return name.size() == 12 && name.starts_with("feff") && name.ends_with(".dat") &&
         parse_integer(name.substr(4, 4));
}

std::string key_of(const Files& input) { return sha256(pack(input) + program_hash()); }

Files run(const Files& input, const Cache& cache) {
  const std::string key = key_of(input);
  if (auto kept = cache.get(key)) return *std::move(kept);
  Files files = compute(input);
  cache.put(key, files);
  return files;
}

}  // namespace twin::feff
