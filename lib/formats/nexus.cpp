// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <set>

#include "core/text.h"
#include "formats/hdf5_tree.h"
#include "formats/limits.h"
#include "formats/nexus_spectrum.h"
#include "formats/nexus_walk.h"

namespace twin::formats {

namespace {

/// The scans of a file, each with a label of its own.
class Collector {
 public:
  Collector(Hdf5Tree& tree, std::vector<Error>* refused) : tree_(tree), refused_(refused) {}

  void take(const NexusSpectrum& spectrum) {
    const std::size_t each = spectrum.columns.size() * spectrum.columns.front().values.size();
    if (spectrum.scans > (most_numbers - numbers_) / each)
      throw Error(Cause::data, tree_.name() + ": " + printable(spectrum.path) +
                                   ": more than 67 million numbers in its scans");
    numbers_ += spectrum.scans * each;
    for (std::size_t i = 0; i < spectrum.scans; ++i) {
      try {
        auto scan = scan_of(tree_, spectrum, i);
        const std::string stem = scan.label;
        for (int n = 2; !labels_.insert(scan.label).second; ++n)
          scan.label = stem + "." + std::to_string(n);
        scans_.push_back(std::move(scan));
      } catch (const Error& error) {
        // Of a stack that is filled most scans may not have begun.
        if (tree_.use() == Hdf5Use::swmr && spectrum.stack) continue;
        if (!refused_) throw;
        refused_->push_back(error);
        ++failed_;
      }
    }
  }

  [[nodiscard]] std::size_t size() const { return scans_.size() + failed_; }

  std::vector<ScanFile> finish() {
    if (size() == 0)
      throw Error(Cause::data, tree_.name() +
                                   ": HDF5 without a spectrum; an NXentry of the definition NXxas, "
                                   "or an NXdata over an energy is expected");
    return std::move(scans_);
  }

 private:
  Hdf5Tree& tree_;
  std::vector<Error>* refused_;
  std::vector<ScanFile> scans_;
  std::set<std::string> labels_;
  std::size_t failed_ = 0, numbers_ = 0;
};

std::vector<ScanFile> read(Hdf5Tree& tree, std::vector<Error>* refused) {
  const NexusWalk walk(tree);
  Collector scans(tree, refused);
  for_each_spectrum(tree, walk, [&](const NexusSpectrum& spectrum) { scans.take(spectrum); });
  return scans.finish();
}

/// The library opens by name, and asks what that leads to: what has no name is read into memory.
std::optional<std::string> bytes_of_nameless(int file, const std::string& name) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || status.st_nlink > 0) return std::nullopt;
  constexpr off_t largest = off_t{256} << 20;
  if (status.st_size > largest)
    throw Error(Cause::data,
                name + ": it has been removed, or is over 256 MiB; a file is expected");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got <= 0) throw Error(Cause::data, name + ": it can't be read to its end");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

std::vector<ScanFile> read_nexus(int file, const std::string& name, std::vector<Error>* refused,
                                 Hdf5Use use, const std::function<void()>& opened) {
  if (const auto bytes = bytes_of_nameless(file, printable(name))) {
    opened();
    return parse_nexus(*bytes, name, refused);
  }
  struct stat status {};
  const bool small = ::fstat(file, &status) == 0 && status.st_size <= off_t{256} << 20;
  Hdf5Tree tree(file, printable(name), use, small);  // images are not worth the time
  opened();
  return read(tree, refused);
}

std::vector<ScanFile> parse_nexus(const std::string& bytes, const std::string& name,
                                  std::vector<Error>* refused, Hdf5Use use) {
  Hdf5Tree tree(bytes, printable(name), use);
  return read(tree, refused);
}

}  // namespace twin::formats
