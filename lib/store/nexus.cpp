// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus.h"

#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "store/hdf5_file.h"
#include "store/journal.h"
#include "store/nexus_entry.h"

namespace twin::store {

namespace {

constexpr const char* sequence_attribute = "twinline_sequence";

/// The name aside. One writer holds the lock of the run, so that a file of this name is a leftover.
std::string aside(const std::string& path) {
  const std::filesystem::path whole(path);
  return (whole.parent_path() / ("." + whole.filename().string() + ".part")).string();
}

void sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!done) throw Error(Cause::output, printable(path) + ": sync: " + std::strerror(error));
}

using Records = std::function<void(const Visit&)>;

void write_file(const std::string& path, const std::string& title, std::int64_t sequence,
                const Records& records) {
  NexusEntry entry;
  records([&](std::int64_t number, const std::string& line) { entry.count(number, line); });
  const auto inside = hdf5::enter();
  hdf5::Handle file = hdf5::create_file(path);
  {
    const hdf5::Handle root(H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose, "/");
    hdf5::set_text(root, "NX_class", "NXroot");
    hdf5::set_text(root, "default", "entry");
    hdf5::set_text(root, "creator", "Twinline " TWINLINE_VERSION);
    hdf5::set_integer(root, sequence_attribute, sequence);
    entry.create(root, title);
  }
  records([&](std::int64_t number, const std::string& line) { entry.put(number, line); });
  entry.close();
  file.close(printable(path));
}

}  // namespace

void write_nexus(const std::string& path, std::int64_t sequence,
                 const std::function<void(const Visit&)>& records) {
  const std::string part = aside(path);
  ::unlink(part.c_str());
  try {
    write_file(part, std::filesystem::path(path).stem().string(), sequence, records);
    sync_file(part);
    if (std::rename(part.c_str(), path.c_str()) != 0)
      throw Error(Cause::output, printable(path) + ": rename: " + std::strerror(errno));
  } catch (...) {
    ::unlink(part.c_str());
    throw;
  }
  sync_folder_of(path);
}

std::int64_t read_published_sequence(const std::string& path) {
  const auto inside = hdf5::enter();
  const auto file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return 0;
  std::int64_t sequence = 0;
  const auto attribute = H5Aopen(file, sequence_attribute, H5P_DEFAULT);
  // H5Aread() fills as many numbers as the attribute has: only one of one number is ours.
  const auto space = attribute < 0 ? -1 : H5Aget_space(attribute);
  if (space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
      H5Aread(attribute, H5T_NATIVE_INT64, &sequence) < 0)
    sequence = 0;
  if (space >= 0) H5Sclose(space);
  if (attribute >= 0) H5Aclose(attribute);
  H5Fclose(file);
  return sequence;
}

}  // namespace twin::store
