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
    std::vector<double> values;  ///< [scan × point], or [point] when all scans share it; where
                                 ///< columns grow, those of one scan differ in length
    bool stacked = false;
  };
  std::string path;                 ///< of the group that it was found in
  std::size_t scans = 1;            ///< in the stack
  bool stack = false;               ///< a stack, perhaps of one
  std::vector<Column> columns;      ///< the axis first
  std::vector<std::string> labels;  ///< of the scans; empty when the file names none
  std::map<std::string, std::string> metadata;
  std::size_t expected = 0;  ///< points that a scan will have, where the file tells; 0: it does not
  bool grows = false;        ///< more points, or scans, may come as long as the file has a writer
  bool in_place = true;      ///< nothing of it can grow: a writer fills what it has declared
  std::vector<std::string> warnings;
};

/// The attribute NX_class, "" when there is none.
[[nodiscard]] std::string nexus_class(Hdf5Tree& tree, const std::string& path);

/// The spectrum of an entry of the definition NXxas; nothing when it has no energy or nothing over
/// it. \p data  the NXdata groups below \p entry
[[nodiscard]] std::optional<NexusSpectrum> find_xas(Hdf5Tree& tree, const std::string& entry,
                                                    const std::vector<std::string>& data);

/// The spectrum of an NXdata group, or of any; nothing when its axis is no energy, k or pixel.
[[nodiscard]] std::optional<NexusSpectrum> find_data(Hdf5Tree& tree, const std::string& group);

/// A scan whose points are the frames of a detector, as areaDetector writes it: the arrays of
/// \p attributes (groups) by frame, one of which is an energy, and the sum of each frame of the
/// data sets \p frames. Nothing when there is no energy.
[[nodiscard]] std::optional<NexusSpectrum> find_frames(Hdf5Tree& tree, const std::string& entry,
                                                       const std::vector<std::string>& attributes,
                                                       const std::vector<std::string>& frames);

/// One scan of the stack. Of a file that has a writer it is truncated unless all of its points are
/// known to be there.
/// \throws Error{data}  fewer than two points, or an axis that is no finite number
[[nodiscard]] ScanFile scan_of(Hdf5Tree& tree, const NexusSpectrum& spectrum, std::size_t index);

}  // namespace twin::formats
