// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "atoms/frame.h"
#include "record/model.h"

namespace twin::atoms {

/// The ideal crystal of a structure, all atoms at their sites; species 0. Atom i is the same site
/// for any lattice parameter.
/// \throws Error{configuration}  unknown lattice, a ≤ 0, a supercell count < 1
[[nodiscard]] Frame build_crystal(const record::Structure& structure);

/// The atoms of an ideal cluster: an atom at the origin (first) and all others within \p rmax, by
/// distance. [n × 3] Å.
[[nodiscard]] Eigen::MatrixX3d build_cluster(const record::Structure& structure, double rmax);

/// The first distances of the ideal crystal and how many neighbours each has.
struct Shell {
  double r = 0.0;  ///< Å
  int count = 0;
};
[[nodiscard]] std::vector<Shell> shells(const record::Structure& structure, double rmax);

}  // namespace twin::atoms
