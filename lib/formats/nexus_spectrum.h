// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5_tree.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// A spectrum of a NeXus file, or a stack of them over one axis, in memory.
struct NexusSpectrum {
  struct Column {
    std::string name, unit;
    std::vector<double> values;  ///< [scan × point], or [point] when all scans share it
    bool stacked = false;
  };
  std::string path;                 ///< of the group that it was found in
  std::size_t scans = 1;            ///< in the stack
  bool stack = false;               ///< a stack, perhaps of one
  std::vector<Column> columns;      ///< the axis first
  std::vector<std::string> labels;  ///< of the scans; empty when the file names none
  std::map<std::string, std::string> metadata;
};

/// The attribute NX_class, "" when there is none.
[[nodiscard]] std::string nexus_class(Hdf5Tree& tree, const std::string& path);

/// The spectrum of an entry of the definition NXxas; nothing when it has no energy or nothing over
/// it. \p data  the NXdata groups below \p entry
[[nodiscard]] std::optional<NexusSpectrum> find_xas(Hdf5Tree& tree, const std::string& entry,
                                                    const std::vector<std::string>& data);

/// The spectrum of an NXdata group; nothing when its axis is no energy, k or pixel.
[[nodiscard]] std::optional<NexusSpectrum> find_data(Hdf5Tree& tree, const std::string& group);

/// One scan of the stack.
/// \throws Error{data}  fewer than two points, or an axis that is no finite number
[[nodiscard]] ScanFile scan_of(Hdf5Tree& tree, const NexusSpectrum& spectrum, std::size_t index);

}  // namespace twin::formats
