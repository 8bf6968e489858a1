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

/// Of a mixed crystal, where atoms of several species share sites: a pair's first shell is that of
/// its sites, however few such pairs chance has put there, and its second begins where that of the
/// sites does. A pair that chance has put nowhere has none. Of equal distances the shell of more
/// pairs is first.
/// \param sites  [atoms] which site each is at, by a number: the species before substitution
[[nodiscard]] std::vector<PairShell> first_shells(const Frame& ideal, double rmax,
                                                  const std::vector<int>& sites);

}  // namespace twin::atoms
