// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <functional>
#include <utility>
#include <vector>

#include "atoms/frame.h"

namespace twin::atoms {

/// Calls \p visit(i, j, r_ij) once for every pair i < j and periodic image with |r| < \p rmax, and
/// once (not for r and -r) for every atom and its own image, i = j. Any cell, also one smaller than
/// 2 rmax: images are enumerated. r_ij = x_j - x_i + image; positions wrapped or not.
///
/// Cost: n times the atoms in three bins of width rmax cubed (a cell list).
/// \throws Error{data} rmax or the cell is not finite, or the cell has no volume
void for_each_pair(const Frame& frame, double rmax,
                   const std::function<void(int i, int j, const Eigen::Vector3d& r)>& visit);

/// Pairs of an ideal frame, to be followed through a trajectory of the same atoms: no search later.
struct FixedPair {
  int i, j;
  Eigen::Vector3i image;  ///< r = x_j + image · cell - x_i
};
/// Those with rmin ≤ |r| < rmax; each once, as for_each_pair has them.
[[nodiscard]] std::vector<FixedPair> fixed_pairs(const Frame& ideal, double rmin, double rmax);

/// r of a pair in a frame whose positions are unwrapped relative to the ideal one (continuous).
[[nodiscard]] inline Eigen::Vector3d separation(const FixedPair& pair, const Frame& frame) {
  Eigen::Vector3d r;
  const Eigen::Vector3d turns = pair.image.cast<double>();
  for (Eigen::Index d = 0; d < 3; ++d)
    r[d] =
        frame.positions(pair.j, d) - frame.positions(pair.i, d) +
        (turns[0] * frame.cell(0, d) + turns[1] * frame.cell(1, d) + turns[2] * frame.cell(2, d));
  return r;
}

}  // namespace twin::atoms
