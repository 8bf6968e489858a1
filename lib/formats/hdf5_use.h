// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace twin::formats {

/// What a program does with an HDF5 file, or did when it died, as the file itself says.
enum class Hdf5Use {
  none,     ///< nobody has it, or its format has no room for saying so (superblock 0 to 2)
  swmr,     ///< it is written by one who lets others read: single writer, multiple readers
  written,  ///< it is written by one who does not
};

/// From the first bytes of \p file, which are only looked at.
///
/// Source: HDF5 File Format Specification 3.0, section II.A, the file consistency flags.
[[nodiscard]] Hdf5Use hdf5_use(int file);

}  // namespace twin::formats
