// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "atoms/structure.h"
#include "record/model.h"

namespace twin::atoms {

/// The elements of a structure, in the order of their first sites, then those that take their sites
/// by substitution: what species count. One of them may have no atoms.
[[nodiscard]] std::vector<std::string> elements(const record::Structure& structure);

/// One cell of a structure at its lattice parameter: `a` scales cell and sites together.
/// \throws Error{configuration}  unknown lattice, a ≤ 0, a cell without volume
[[nodiscard]] Structure cell_of(const record::Structure& structure);

/// The cell and sites of \p cell as a record has them, `a` its first axis; the supercell is kept.
/// \throws Error{configuration}  a site that is not filled whole
void put_cell(const Structure& cell, record::Structure& into);

/// The ideal crystal of a structure, all atoms at their sites, none taken out and none substituted;
/// species as elements() has them. Atom i is the same site for any lattice parameter.
/// \throws Error{configuration}  as cell_of(); a supercell count < 1
[[nodiscard]] Frame build_crystal(const record::Structure& structure);

/// The frame turned so that the first axis lies along x and the second in the xy plane, as engines
/// want it: the cell is lower triangular then, and one of right angles diagonal.
/// \throws Error{configuration}  the axes are left-handed, which no turn mends
[[nodiscard]] Frame upright(const Frame& frame);

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
