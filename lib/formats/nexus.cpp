// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "formats/hdf5_tree.h"
#include "formats/limits.h"
#include "formats/nexus_spectrum.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

constexpr int deepest = 16;
constexpr std::size_t most_groups = std::size_t{1} << 14;

/// The groups of a file by their NeXus class. Hard links may make circles: each object is seen
/// once.
class Walk {
 public:
  explicit Walk(Hdf5Tree& tree) : tree_(tree) { go("", 0); }

  std::vector<std::string> entries, data;

 private:
  void go(const std::string& path, int depth) {
    if (depth > deepest || seen_.size() >= most_groups) return;
    if (!seen_.insert(tree_.identity(path.empty() ? "/" : path)).second) return;
    const auto type = nexus_class(tree_, path.empty() ? "/" : path);
    if (type == "NXentry" || type == "NXsubentry") entries.push_back(path);
    if (type == "NXdata") data.push_back(path);
    if (type == "NXprocess") return;  // what was made from the spectra
    for (const auto& name : tree_.children(path.empty() ? "/" : path))
      if (const auto next = path + "/" + name; tree_.is_group(next)) go(next, depth + 1);
  }

  Hdf5Tree& tree_;
  std::set<std::uint64_t> seen_;
};

bool is_below(const std::string& path, const std::string& group) {
  return path.starts_with(group + "/");
}

/// The scans of a file, each with a label of its own.
class Collector {
 public:
  Collector(Hdf5Tree& tree, std::vector<Error>* refused) : tree_(tree), refused_(refused) {}

  void take(const std::optional<NexusSpectrum>& spectrum) {
    if (!spectrum) return;
    const std::size_t each = spectrum->columns.size() * spectrum->columns.front().values.size();
    if (spectrum->scans > (most_numbers - numbers_) / each)
      throw Error(Cause::data, tree_.name() + ": " + printable(spectrum->path) +
                                   ": more than 67 million numbers in its scans");
    numbers_ += spectrum->scans * each;
    for (std::size_t i = 0; i < spectrum->scans; ++i) {
      try {
        auto scan = scan_of(tree_, *spectrum, i);
        const std::string stem = scan.label;
        for (int n = 2; !labels_.insert(scan.label).second; ++n)
          scan.label = stem + "." + std::to_string(n);
        scans_.push_back(std::move(scan));
      } catch (const Error& error) {
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
  const Walk walk(tree);
  Collector scans(tree, refused);
  std::vector<std::string> done;
  for (const auto& entry : walk.entries) {
    const auto definition = tree.texts(entry + "/definition");
    if (definition.empty() || !definition.front().starts_with("NXxas")) continue;
    const std::size_t before = scans.size();
    std::vector<std::string> data;
    for (const auto& path : walk.data)
      if (is_below(path, entry)) data.push_back(path);
    scans.take(find_xas(tree, entry, data));
    if (scans.size() > before) done.push_back(entry);
  }
  for (const auto& path : walk.data) {
    const bool read = std::ranges::any_of(done, [&](const auto& e) { return is_below(path, e); });
    if (!read) scans.take(find_data(tree, path));
  }
  return scans.finish();
}

}  // namespace

std::vector<ScanFile> read_nexus(int file, const std::string& name, std::vector<Error>* refused) {
  Hdf5Tree tree(file, printable(name));
  return read(tree, refused);
}

std::vector<ScanFile> parse_nexus(const std::string& bytes, const std::string& name,
                                  std::vector<Error>* refused) {
  Hdf5Tree tree(bytes, printable(name));
  return read(tree, refused);
}

}  // namespace twin::formats
