// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "atoms/trajectory.h"

namespace twin::atoms {

/// Which atom of a trajectory sits on which site of an ideal crystal. The trajectory may have its
/// atoms in any order, wrapped or not, its origin anywhere, and another lattice parameter; its cell
/// must be the crystal's supercell, its axes in the same directions.
///
/// Atoms that are in the crystal's order are left in it, also where some are far from their sites
/// (ligands that turn). Else each atom goes to the nearest site of its element, and each site must
/// get one: of a crystal whose atoms sit at their sites, which is what is followed here.
class SiteMap {
 public:
  /// \param ideal     the crystal, all atoms at their sites
  /// \param elements  of the crystal's species
  /// \param atoms     of the trajectory; without elements its order must be the crystal's, unless
  ///                  all atoms are of one element
  /// \param first     frame of the trajectory
  /// \throws Error{data}  another number of atoms, other elements, another cell, no order that
  ///                      fits: each says what is there and what is expected
  SiteMap(Frame ideal, const std::vector<std::string>& elements, const TrajectoryAtoms& atoms,
          const TrajectoryFrame& first);

  /// The frame in the crystal's order, each atom at the image nearest to its site where the whole
  /// crystal's drift is taken out; species as the crystal's. Continuous in time for atoms that stay
  /// within half the cell of their sites.
  [[nodiscard]] Frame place(const TrajectoryFrame& frame) const;

  /// True where the order was found by the positions.
  [[nodiscard]] bool reordered() const { return reordered_; }

 private:
  Frame ideal_;
  Eigen::MatrixX3d sites_;          ///< fractions of the cell
  std::vector<std::size_t> order_;  ///< [site] atom
  bool reordered_ = false;
};

}  // namespace twin::atoms
