// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

namespace twin::formats {

/// The object of an HDF5 file that was opened last, ended by a zero: for the last words of a
/// process that dies of it. Written by every Hdf5Tree, so it means something where there is one.
extern std::array<char, 256> hdf5_place;

}  // namespace twin::formats
