// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace twin::formats {

/// Looks through the global heaps of an HDF5 file (where texts of variable length lie) before the
/// library does: HDF5 1.10 walks for ever over one whose objects have no length, as a file that was
/// not written to its end can have, and past the end of one whose objects are too long.
///
/// \param read  the bytes from an offset on, at most so many; fewer at the end
/// \return false when there is such a heap
///
/// Cost: one reading of the file.
/// Source: HDF5 File Format Specification 3.0, section III.E.
[[nodiscard]] bool heaps_are_sound(
    const std::function<std::string(std::size_t offset, std::size_t count)>& read);

}  // namespace twin::formats
