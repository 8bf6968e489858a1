// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/read_trajectory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/text.h"
#include "formats/dcd.h"
#include "formats/extended_xyz.h"
#include "formats/h5md.h"
#include "formats/lammps_dump.h"
#include "formats/sniff.h"
#include "formats/trajectory_file.h"
#include "formats/xtc.h"

namespace twin::formats {

namespace {

constexpr std::string_view separator = "::";

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw Error(Cause::data, name + ": " + what +
                               "; a trajectory is expected: a text dump of LAMMPS, extended XYZ, "
                               "DCD, XTC or H5MD");
}

struct Opened {
  std::string name, group;
  Descriptor file;
  bool hdf5 = false;
};

Opened open(const std::string& path) {
  Opened out;
  const std::string plain = file_of(path);
  out.group = group_of(path);
  out.name = printable(plain);
  out.file = Descriptor(::open(plain.c_str(), O_RDONLY | O_CLOEXEC));
  if (!out.file.open())
    throw Error(Cause::no_input, out.name + ": " + std::strerror(errno) + "; a file is expected");
  struct stat status {};
  if (::fstat(out.file.number(), &status) != 0 || !S_ISREG(status.st_mode))
    throw Error(Cause::no_input,
                out.name + ": no regular file; a trajectory is read more than once");
  std::array<char, 8> magic{};
  const ssize_t got = ::pread(out.file.number(), magic.data(), magic.size(), 0);
  out.hdf5 = got == 8 && sniff({magic.data(), magic.size()}) == Kind::hdf5;
  if (!out.hdf5 && !out.group.empty())
    throw Error(Cause::data, out.name + ": no H5MD; a group of particles, " + printable(out.group) +
                                 ", is expected in that only");
  return out;
}

std::unique_ptr<Hdf5Tree> tree_of(int file, const std::string& path) {
  const std::string name = printable(file_of(path));
  auto tree = std::make_unique<Hdf5Tree>(file, name);
  if (!is_h5md(*tree)) refuse(name, "HDF5, but no H5MD");
  return tree;
}

std::vector<std::string> list_h5md(int file, const std::string& path) {
  const auto tree = tree_of(file, path);
  if (!is_h5md_of_replicas(*tree)) return {path};
  std::vector<std::string> out;
  for (const auto& group : h5md_groups(*tree)) out.push_back(path + std::string(separator) + group);
  return out.empty() ? std::vector<std::string>{path} : out;
}

std::unique_ptr<atoms::TrajectoryReader> by_kind(const std::string& head,
                                                 std::shared_ptr<std::istream> in,
                                                 const std::string& name) {
  switch (sniff(head)) {
    case Kind::lammps_dump:
      return lammps_dump(std::move(in), name);
    case Kind::extended_xyz:
      return extended_xyz(std::move(in), name);
    case Kind::dcd:
      return dcd(std::move(in), name);
    case Kind::xtc:
      return xtc(std::move(in), name);
    case Kind::hdf5:
      refuse(printable(name), "HDF5 in a stream or within gzip");
    default:
      refuse(printable(name), head.empty() ? "empty" : "of no format that is known here");
  }
}

}  // namespace

std::string file_of(const std::string& path) { return path.substr(0, path.find(separator)); }

std::string group_of(const std::string& path) {
  const auto at = path.find(separator);
  return at == path.npos ? "" : path.substr(at + separator.size());
}

H5mdAccess h5md_here() {
  return {
      [](int file, const std::string& path) { return h5md(tree_of(file, path), group_of(path)); },
      list_h5md};
}

std::vector<std::string> trajectories_in(const std::string& path, const H5mdAccess& hdf5) {
  const Opened opened = open(path);
  if (!opened.hdf5 || !opened.group.empty()) return {path};
  return hdf5.list(opened.file.number(), path);
}

std::unique_ptr<atoms::TrajectoryReader> open_trajectory(const std::string& path,
                                                         const H5mdAccess& hdf5) {
  Opened opened = open(path);
  if (opened.hdf5) return hdf5.open(opened.file.number(), path);
  auto file = std::make_shared<GzipStream>(opened.file.release(), opened.name);
  const std::string& head = file->head();
  return by_kind(head, file, opened.name);
}

std::unique_ptr<atoms::TrajectoryReader> parse_trajectory(const std::string& bytes,
                                                          const std::string& name) {
  return by_kind(bytes.substr(0, 4096), std::make_shared<std::istringstream>(bytes), name);
}

}  // namespace twin::formats
