// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/read_scan.h"

#include <fcntl.h>
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
#include "formats/columns.h"
#include "formats/gzip.h"
#include "formats/sniff.h"
#include "formats/xdi.h"

namespace twin::formats {

namespace {

constexpr std::size_t largest = std::size_t{1} << 30;
constexpr std::size_t largest_pipe = std::size_t{256} << 20;
constexpr std::size_t head_size = 256;

/// A first stretch of text put back before the rest of a stream.
class Rejoined : public std::streambuf {
 public:
  Rejoined(std::string head, std::streambuf& rest) : head_(std::move(head)), rest_(rest) {
    setg(head_.data(), head_.data(), head_.data() + head_.size());
  }

 protected:
  int_type underflow() override {
    const auto got = rest_.sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
    if (got <= 0) return traits_type::eof();
    setg(block_.data(), block_.data(), block_.data() + got);
    return traits_type::to_int_type(block_.front());
  }

 private:
  std::string head_;
  std::streambuf& rest_;
  std::array<char, 1u << 14> block_{};
};

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

ScanFile read_pipe(int file, const std::string& name) {
  const std::string bytes = drain(file, printable(name));
  std::istringstream in(bytes);
  ScanFile scan = parse_scan(in, name);
  scan.sha256 = sha256(bytes);
  return scan;
}

}  // namespace

ScanFile parse_scan(std::istream& in, const std::string& name) {
  std::string head(head_size, '\0');
  const auto got = in.rdbuf()->sgetn(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
  const Kind kind = sniff(head);
  refuse_foreign(kind, printable(name));
  Rejoined joined(std::move(head), *in.rdbuf());
  std::istream whole(&joined);
  return kind == Kind::xdi ? parse_xdi(whole, name) : parse_columns(whole, name);
}

ScanFile read_scan(const std::string& path) {
  const std::string name = printable(path);
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open())
    throw Error(Cause::no_input, name + ": " + std::strerror(errno) + "; a file is expected");
  const struct stat before = status_of(file.number(), name);
  if (S_ISDIR(before.st_mode))
    throw Error(Cause::no_input, name + ": a folder; a file is expected");
  if (!S_ISREG(before.st_mode)) return read_pipe(file.number(), path);
  if (static_cast<std::size_t>(before.st_size) > largest)
    throw Error(Cause::data, name + ": larger than 1 GiB; a scan is expected");
  GzipBuffer buffer(file.release(), name, largest);
  std::istream in(&buffer);
  ScanFile scan = parse_scan(in, path);
  if (buffer.cut()) {
    scan.truncated = true;
    scan.warnings.push_back(name + ": the compressed file is cut; it was read as far as it goes");
  }
  scan.sha256 = sha256_file(path);
  struct stat after {};
  if (::stat(path.c_str(), &after) != 0 || !same(before, after))
    throw Error(Cause::try_again, name + ": it changed while it was read; later may work");
  return scan;
}

}  // namespace twin::formats
