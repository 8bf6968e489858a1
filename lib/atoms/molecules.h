// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "atoms/frame.h"
#include "atoms/neighbours.h"

namespace twin::atoms {

/// Atoms that hold together, and turn and travel as one.
struct Molecule {
  std::vector<int> atoms;               ///< two or more
  std::vector<Eigen::Vector3i> images;  ///< [atoms] x + image · cell puts them beside the first
};

/// The groups of two atoms or more that \p bonds hold together, by their first atoms.
/// \throws Error{configuration}  a chain that goes on through the cell's faces without an end
[[nodiscard]] std::vector<Molecule> molecules_of(int atoms, const std::vector<FixedPair>& bonds);

/// Mean position of the atoms, masses left out, Å; unwrapped positions in the order of the frame
/// that the molecules were found in (so below).
[[nodiscard]] Eigen::RowVector3d centre(const Molecule& molecule, const Frame& frame);

/// Å, the farthest atom from the centre.
[[nodiscard]] double radius(const Molecule& molecule, const Frame& frame);

/// The frame with every molecule's atoms at its centre: what stays at home while molecules turn. A
/// pair's `image` is the same in both frames.
[[nodiscard]] Frame at_centres(const Frame& frame, const std::vector<Molecule>& molecules);

/// What stays at home: the atoms of no molecule in their order, then the molecules' centres as one
/// species, \p species_of_centres.
[[nodiscard]] Frame homes(const Frame& frame, const std::vector<Molecule>& molecules,
                          int species_of_centres);

/// The frame with each molecule turned about its centre by a rotation of its own, all rotations
/// equally likely (K. Shoemake, Graphics Gems III, 124 (1992)).
[[nodiscard]] Frame turned_at_random(const Frame& frame, const std::vector<Molecule>& molecules,
                                     std::uint64_t seed);

}  // namespace twin::atoms
