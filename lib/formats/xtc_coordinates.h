// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace twin::formats {

/// What stands before the packed coordinates of a frame.
struct XtcPacking {
  std::size_t atoms = 0;
  std::array<std::int32_t, 3> lowest{}, highest{};  ///< of the rounded coordinates, an axis each
  std::int32_t small = 0;  ///< number of the size of small differences, where the frame begins
};

/// The rounded coordinates [3 atoms] of a frame, x y z of each atom in turn. Nothing where \p
/// packed does not hold them.
///
/// Each atom is either a number of its own, its three coordinates counted from the lowest as one
/// number of mixed base, or one of a run of small differences from the atom before, in a mixed base
/// whose size goes up and down by the cube root of two. The first two atoms of a run change places:
/// hydrogens lie around their oxygen.
[[nodiscard]] std::optional<std::vector<std::int64_t>> unpack(const XtcPacking& packing,
                                                              std::string_view packed);

}  // namespace twin::formats
