// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus_walk.h"

#include <algorithm>

namespace twin::formats {

namespace {

constexpr int deepest = 16;
constexpr std::size_t most_groups = std::size_t{1} << 14, most_sets = 1000;

using Visit = std::function<void(const NexusSpectrum&)>;

bool is_below(const std::string& path, const std::string& group) {
  return path.starts_with(group + "/");
}

std::vector<std::string> below(const std::vector<std::string>& paths, const std::string& group) {
  std::vector<std::string> out;
  for (const auto& path : paths)
    if (is_below(path, group)) out.push_back(path);
  return out;
}

/// By the application definition, and as any NXdata.
void collect_nexus(Hdf5Tree& tree, const NexusWalk& walk, const Visit& visit) {
  std::vector<std::string> done;
  for (const auto& entry : walk.entries) {
    const auto definition = tree.texts(entry + "/definition");
    if (definition.empty() || !definition.front().starts_with("NXxas")) continue;
    const auto spectrum = find_xas(tree, entry, below(walk.data, entry));
    if (!spectrum) continue;
    visit(*spectrum);
    done.push_back(entry);
  }
  for (const auto& path : walk.data) {
    const bool read = std::ranges::any_of(done, [&](const auto& e) { return is_below(path, e); });
    if (read) continue;
    if (const auto spectrum = find_data(tree, path)) visit(*spectrum);
  }
}

/// As areaDetector writes it, and by names alone.
void collect_plain(Hdf5Tree& tree, const NexusWalk& walk, const Visit& visit) {
  bool any = false;
  for (const auto& entry : walk.entries) {
    std::vector<std::string> frames;
    for (const auto& group : below(walk.data, entry)) frames.push_back(group + "/data");
    const auto spectrum = find_frames(tree, entry, below(walk.attributes, entry), frames);
    if (!spectrum) continue;
    any = true;
    visit(*spectrum);
  }
  if (any) return;
  for (const auto& path : walk.bare)
    if (const auto spectrum = find_data(tree, path)) visit(*spectrum);
}

}  // namespace

void NexusWalk::go(const std::string& path, int depth) {
  if (depth > deepest || seen_.size() >= most_groups) return;
  if (!seen_.insert(tree_.identity(path.empty() ? "/" : path)).second) return;
  const auto type = nexus_class(tree_, path.empty() ? "/" : path);
  if (type == "NXentry" || type == "NXsubentry") entries.push_back(path);
  if (type == "NXdata") data.push_back(path);
  if (type == "NXcollection" || path.ends_with("/NDAttributes")) attributes.push_back(path);
  if (type.empty()) bare.push_back(path);
  if (type == "NXprocess") return;  // what was made from the spectra
  for (const auto& name : tree_.children(path.empty() ? "/" : path)) {
    const auto next = path + "/" + name;
    if (tree_.is_group(next))
      go(next, depth + 1);
    else if (sets.size() < most_sets)
      sets.push_back(next);
  }
}

void for_each_spectrum(Hdf5Tree& tree, const NexusWalk& walk, const Visit& visit) {
  bool any = false;
  collect_nexus(tree, walk, [&](const NexusSpectrum& spectrum) {
    any = true;
    visit(spectrum);
  });
  if (!any) collect_plain(tree, walk, visit);
}

}  // namespace twin::formats
