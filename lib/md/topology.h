// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "atoms/molecules.h"
#include "md/potentials.h"

namespace twin::md {

/// Atoms that a term of the potential joins.
template <std::size_t N>
struct Link {
  int term = 0;              ///< index into Potential::bonds, angles or dihedrals
  std::array<int, N> atoms;  ///< along the chain
};

/// What a potential makes of a structure: the type of each atom and what holds molecules together.
struct Topology {
  std::vector<std::string> types;  ///< those in use, by their first atoms: LAMMPS' types 1, 2 ...
  std::vector<int> type;           ///< [atoms] index into types
  std::vector<Link<2>> bonds;
  std::vector<Link<3>> angles;
  std::vector<Link<4>> dihedrals;
  std::vector<atoms::Molecule> molecules;
  int constraints = 0;  ///< bonds that are rigid

  /// Atoms of no molecule: those that have a site.
  [[nodiscard]] std::vector<int> framework() const;
};

/// Atoms are bonded where the potential has a bond between types of their elements and they are
/// within 20 % of its length (r0), across the cell's faces too; each atom then has the type whose
/// `bonded to` are the elements of its neighbours. Every chain of three and of four bonded atoms
/// must have its term; of a potential that restrains() only the chains with a right angle.
///
/// \param frame    the ideal crystal
/// \param species  elements, as the frame's species count them
/// \throws Error{configuration}  an element that the potential is not of; an atom that fits no type
///                               (of a molecule without one of its hydrogens, say), two that are
///                               too near to each other, a chain without a term, rigid bonds that
///                               SHAKE can't hold (more than three at an atom, or in a row)
[[nodiscard]] Topology find_topology(const Potential& potential, const atoms::Frame& frame,
                                     const std::vector<std::string>& species);

}  // namespace twin::md
