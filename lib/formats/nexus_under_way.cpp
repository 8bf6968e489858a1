// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "formats/hdf5_tree.h"
#include "formats/nexus.h"
#include "formats/nexus_spectrum.h"
#include "formats/nexus_walk.h"

namespace twin::formats {

/// All is declared before such a file is written: only sizes change.
struct NexusUnderWay::State {
  State(int file, const std::string& name, const std::function<void()>& opened)
      : tree(file, printable(name), Hdf5Use::swmr), walk((opened(), tree)) {}

  Hdf5Tree tree;
  NexusWalk walk;
  bool looked = false;
  std::map<std::string, std::vector<std::size_t>> shapes;  ///< of what can grow
  std::size_t points = 0, wanted = 0;  ///< wanted: 0 = nobody can tell before the file is closed
  bool known = false, stacks = false;  ///< there is a spectrum, a stack that grows
  std::set<std::string> told;

  /// Whether something has grown.
  bool see() {
    bool changed = false;
    points = 0;
    for (const auto& path : walk.sets) {
      const bool first = !looked;
      if (!first && !shapes.contains(path)) continue;
      if (!first) tree.refresh(path);
      const auto shape = tree.shape(path), largest = std::optional(tree.largest(path));
      if (!shape || shape->empty() || (first && *largest == *shape)) continue;
      changed = changed || shapes[path] != *shape;
      shapes[path] = *shape;
      points = std::max(points, shape->front());
    }
    looked = true;
    return changed;
  }

  [[nodiscard]] bool may_be_whole() const {
    return !known || stacks || (wanted > 0 && points >= wanted);
  }

  /// What is wrong with a scan is said when the file is closed.
  void take(const NexusSpectrum& spectrum, std::size_t index, std::vector<ScanFile>& out) {
    try {
      auto scan = scan_of(tree, spectrum, index);
      if (!scan.truncated && told.insert(scan.label).second) out.push_back(std::move(scan));
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
    }
  }

  std::vector<ScanFile> whole_scans() {
    std::vector<ScanFile> out;
    std::size_t scans = 0;
    wanted = 0;
    for_each_spectrum(tree, walk, [&](const NexusSpectrum& spectrum) {
      stacks = stacks || (spectrum.stack && spectrum.grows);
      const std::size_t more =
          std::max(spectrum.expected, spectrum.grows ? 0 : spectrum.columns.front().values.size());
      if (!spectrum.stack && more > 0 && (wanted == 0 || more < wanted)) wanted = more;
      known = true;
      scans += spectrum.scans;
      for (std::size_t i = 0; i < spectrum.scans; ++i) take(spectrum, i, out);
    });
    if (scans == 1 && !out.empty()) out.front().label.clear();  // as when the file is read whole
    return out;
  }
};

NexusUnderWay::NexusUnderWay(int file, const std::string& name, const std::function<void()>& opened)
    : state_(std::make_unique<State>(file, name, opened)) {}

NexusUnderWay::~NexusUnderWay() = default;

std::vector<ScanFile> NexusUnderWay::look() {
  if (!state_->see() || !state_->may_be_whole()) return {};
  return state_->whole_scans();
}

std::size_t NexusUnderWay::points() const { return state_->points; }

}  // namespace twin::formats
