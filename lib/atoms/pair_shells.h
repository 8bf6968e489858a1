// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "atoms/frame.h"

namespace twin::atoms {

/// The nearest neighbours of one species around another in an ideal crystal.
struct PairShell {
  int centre = 0, neighbour = 0;  ///< species, centre ≤ neighbour
  double r = 0.0;                 ///< Å, mean distance
  double farthest = 0.0;          ///< Å, of the shell
  double next = 0.0;              ///< Å, where the pair's second shell begins
  double count = 0.0;             ///< neighbours an atom of the centre's species has

  /// Å, up to which an atom is taken for one of the shell in a frame that moves: half way to the
  /// second shell, but at most 30 % beyond the first.
  [[nodiscard]] double cutoff() const;
};

/// The first shell of every pair of species that has one within \p rmax, by distance. Distances of
/// a pair are one shell as long as the gaps between them are less than 0.25 Å: a tilted
/// octahedron's six bonds are one, the two shells of a bcc metal are two. \throws Error{data} as
/// for_each_pair()
[[nodiscard]] std::vector<PairShell> first_shells(const Frame& ideal, double rmax);

}  // namespace twin::atoms
