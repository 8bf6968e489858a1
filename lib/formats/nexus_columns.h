// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/hdf5_tree.h"
#include "formats/nexus_spectrum.h"

/// How the columns of a NexusSpectrum are found and read.
namespace twin::formats {

/// An array that may come to lie over the axis.
struct GrowingColumn {
  std::string path, name;
  std::size_t rows = 0;
};
using Growing = std::vector<GrowingColumn>;

/// The first text, cleaned; "" where there is none.
[[nodiscard]] std::string first_text(const std::vector<std::string>& texts);

[[nodiscard]] std::string last_step(const std::string& path);

/// What recipes call it: "i0" of incoming_beam, "mu" of intensity ...
[[nodiscard]] std::string our_name(const std::string& name);

/// Of an axis that spectra have: energy, k, pixel.
[[nodiscard]] bool is_axis_name(std::string_view name);

/// An array over which a spectrum may lie: of one dimension and two points or more, called as such
/// axes are, or in eV or keV.
[[nodiscard]] bool is_axis(Hdf5Tree& tree, const std::string& path);

/// Begins a spectrum: its axis is the array at \p path.
void set_axis(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path);

/// Adds what \p path holds when it lies over the axis: [point] or [scan × point]. What may yet come
/// to do so goes to \p growing.
void add_column(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
                const std::string& name, Growing& growing);

/// All that a group holds over the axis; its `signal` first.
void add_columns(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& group,
                 Growing& growing);

/// Adds the sum of each frame of a data set [frame], [frame × n], [frame × n × m] that has as many
/// as the axis has points.
void add_sums(Hdf5Tree& tree, NexusSpectrum& spectrum, const std::string& path,
              const std::string& name);

/// Where nothing else lies over the axis: of the arrays that are shorter those that have come as
/// far as the farthest. A scan under way, or one that ended early.
void add_growing(Hdf5Tree& tree, NexusSpectrum& spectrum, const Growing& growing);

}  // namespace twin::formats
