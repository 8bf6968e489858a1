// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/read_scan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <istream>
#include <sstream>
#include <utility>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "formats/athena.h"
#include "formats/columns.h"
#include "formats/gzip.h"
#include "formats/nexus.h"
#include "formats/read_all.h"
#include "formats/rejoined.h"
#include "formats/sniff.h"
#include "formats/spec.h"
#include "formats/xdi.h"

namespace twin::formats {

namespace {

constexpr std::size_t largest = std::size_t{1} << 30;
constexpr std::size_t largest_pipe = std::size_t{256} << 20;
constexpr std::size_t head_size = 256;

struct stat status_of(int file, const std::string& name) {
  struct stat status {};
  if (::fstat(file, &status) != 0) throw Error(Cause::no_input, name + ": " + std::strerror(errno));
  return status;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_ino == b.st_ino && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

/// All that comes out of a pipe. It is read from the descriptor: opened again by name, a pipe whose
/// writer has gone would wait for ever.
std::string drain(int file, const std::string& name) {
  std::string bytes;
  std::array<char, 1u << 16> block{};
  while (true) {
    const ssize_t got = ::read(file, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(Cause::no_input, name + ": " + std::strerror(errno));
    if (got == 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
    if (bytes.size() > largest_pipe)
      throw Error(Cause::data, name + ": more than 256 MiB from a pipe; a scan is expected");
  }
}

/// A scan that is alone in its file needs no name; others may follow in a SPEC file.
std::vector<ScanFile> named(std::vector<ScanFile> scans, bool others) {
  if (scans.size() == 1 && !others && scans.front().format != "spec") scans.front().label.clear();
  return scans;
}

/// A file in memory, which goes with its descriptor.
Descriptor in_memory(const std::string& bytes, const std::string& name) {
  Descriptor file(::memfd_create("hdf5", MFD_CLOEXEC));
  for (std::size_t done = 0; file.open() && done < bytes.size();) {
    const ssize_t put = ::write(file.number(), bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno != EINTR) file.close();
    if (put > 0) done += static_cast<std::size_t>(put);
  }
  if (!file.open()) throw Error(Cause::unavailable, name + ": no memory: " + std::strerror(errno));
  const std::string path = "/proc/self/fd/" + std::to_string(file.number());
  Descriptor read_only(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!read_only.open()) throw Error(Cause::unavailable, name + ": " + std::strerror(errno));
  return read_only;
}

std::vector<ScanFile> parse(Kind kind, std::istream& in, const std::string& name,
                            std::vector<Error>* refused, const Hdf5Reader& hdf5) {
  switch (kind) {
    case Kind::athena:
      return parse_athena(in, name, refused);
    case Kind::spec:
      return parse_spec(in, name, refused);
    case Kind::hdf5:
      return hdf5(in_memory(read_all(in, printable(name)), printable(name)).number(), name,
                  refused);
    case Kind::xdi:
      return {parse_xdi(in, name)};
    default:
      return {parse_columns(in, name)};
  }
}

std::vector<ScanFile> read_pipe(int file, const std::string& name, std::vector<Error>* refused,
                                const Hdf5Reader& hdf5) {
  const std::string bytes = drain(file, printable(name));
  std::istringstream in(bytes);
  auto scans = parse_scans(in, name, refused, hdf5);
  for (auto& scan : scans)
    if (scan.sha256.empty()) scan.sha256 = sha256(bytes);
  return scans;
}

bool is_hdf5(int file) {
  std::array<char, 8> magic{};
  return ::pread(file, magic.data(), magic.size(), 0) == 8 &&
         sniff({magic.data(), magic.size()}) == Kind::hdf5;
}

/// HDF5 is read where it lies, all else (and HDF5 within gzip) as a stream.
std::vector<ScanFile> read_regular(Descriptor& file, const std::string& path,
                                   std::vector<Error>* refused, const Hdf5Reader& hdf5) {
  const std::string name = printable(path);
  if (is_hdf5(file.number())) {
    const std::size_t before = refused ? refused->size() : 0;
    auto scans = hdf5(file.number(), path, refused);
    return named(std::move(scans), refused && refused->size() > before);
  }
  GzipBuffer buffer(file.release(), name, largest);
  std::istream in(&buffer);
  auto scans = parse_scans(in, path, refused, hdf5);
  if (buffer.cut() && !scans.empty()) {
    scans.back().truncated = true;
    scans.back().warnings.push_back(name +
                                    ": the compressed file is cut; it was read as far as it goes");
  }
  return scans;
}

/// The one scan there is.
ScanFile only(std::vector<ScanFile> scans) {
  if (scans.size() == 1) return std::move(scans.front());
  std::vector<std::string> labels;
  for (const auto& scan : scans) labels.push_back(scan.label);
  if (labels.size() > 20) {
    labels.resize(20);
    labels.emplace_back("...");
  }
  throw Error(Cause::data, scans.front().name + ": " + std::to_string(scans.size()) + " scans (" +
                               join(labels, ", ") + "); a file with one is expected");
}

}  // namespace

std::vector<ScanFile> parse_scans(std::istream& in, const std::string& name,
                                  std::vector<Error>* refused, const Hdf5Reader& hdf5) {
  std::string head(head_size, '\0');
  const auto got = in.rdbuf()->sgetn(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
  const Kind kind = sniff(head);
  refuse_foreign(kind, printable(name));
  Rejoined joined(std::move(head), *in.rdbuf());
  std::istream whole(&joined);
  const std::size_t before = refused ? refused->size() : 0;
  auto scans = parse(kind, whole, name, refused, hdf5);
  for (auto& scan : scans)
    if (kind == Kind::hdf5) scan.sha256 = sum_of_numbers(scan);
  return named(std::move(scans), refused && refused->size() > before);
}

std::vector<ScanFile> read_hdf5_here(int file, const std::string& name,
                                     std::vector<Error>* refused) {
  return read_nexus(file, name, refused, hdf5_use(file));
}

std::vector<ScanFile> read_scans(const std::string& path, std::vector<Error>* refused,
                                 const Hdf5Reader& hdf5) {
  const std::string name = printable(path);
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open())
    throw Error(Cause::no_input, name + ": " + std::strerror(errno) + "; a file is expected");
  const struct stat before = status_of(file.number(), name);
  if (S_ISDIR(before.st_mode))
    throw Error(Cause::no_input, name + ": a folder; a file is expected");
  if (!S_ISREG(before.st_mode)) return read_pipe(file.number(), path, refused, hdf5);
  if (static_cast<std::size_t>(before.st_size) > largest && !is_hdf5(file.number()))
    throw Error(Cause::data, name + ": larger than 1 GiB; a file of spectra is expected");
  const bool grows = hdf5_use(file.number()) == Hdf5Use::swmr;
  auto scans = read_regular(file, path, refused, hdf5);
  for (auto& scan : scans)
    if (scan.format == "nexus") scan.sha256 = sum_of_numbers(scan);
  if (grows) return scans;
  const bool summed = std::ranges::none_of(scans, [](auto& scan) { return scan.sha256.empty(); });
  const std::string sum = summed ? "" : sha256_file(path);
  for (auto& scan : scans)
    if (scan.sha256.empty()) scan.sha256 = sum;
  struct stat after {};
  if (::stat(path.c_str(), &after) != 0 || !same(before, after))
    throw Error(Cause::try_again, name + ": it changed while it was read; later may work");
  return scans;
}

std::vector<ScanFile> read_growing_scans(const std::string& path) {
  const std::string name = printable(path);
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) throw Error(Cause::no_input, name + ": " + std::strerror(errno));
  const struct stat status = status_of(file.number(), name);
  std::array<char, head_size> head{};
  const ssize_t got = ::pread(file.number(), head.data(), head.size(), 0);
  if (!S_ISREG(status.st_mode) || got <= 0 ||
      sniff({head.data(), static_cast<std::size_t>(got)}) != Kind::spec)
    return {};
  std::vector<Error> refused;
  auto scans = read_regular(file, path, &refused, read_hdf5_here);
  if (!scans.empty() && !scans.back().counted) scans.pop_back();
  return scans;
}

ScanFile parse_scan(std::istream& in, const std::string& name) {
  return only(parse_scans(in, name));
}

ScanFile read_scan(const std::string& path) { return only(read_scans(path)); }

}  // namespace twin::formats
