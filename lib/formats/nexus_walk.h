// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "formats/hdf5_tree.h"
#include "formats/nexus_spectrum.h"

namespace twin::formats {

/// The groups of a file by their NeXus class, and its data sets. Hard links may make circles: each
/// object is seen once.
class NexusWalk {
 public:
  explicit NexusWalk(Hdf5Tree& tree) : tree_(tree) { go("", 0); }

  std::vector<std::string> entries, data,  ///< NXentry and NXsubentry; NXdata
      attributes,                          ///< what areaDetector keeps by frame
      bare,                                ///< without a class
      sets;

 private:
  void go(const std::string& path, int depth);

  Hdf5Tree& tree_;
  std::set<std::uint64_t> seen_;
};

/// Each spectrum that is found in it: see read_nexus().
void for_each_spectrum(Hdf5Tree& tree, const NexusWalk& walk,
                       const std::function<void(const NexusSpectrum&)>& visit);

}  // namespace twin::formats
