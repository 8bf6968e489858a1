// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "xas/made_up_path.h"
#include "xas/scattering_path.h"

namespace twin::xas {

/// Copper's first shell with what thermal models ask for: elements, and the Norman radius that FEFF
/// finds, 2.63 bohr.
inline ScatteringPath copper_pair(double r = 2.5478) {
  ScatteringPath path = made_up_pair(r);
  path.name = "Cu-Cu.1";
  path.degeneracy = 12;
  path.elements = {"Cu", "Cu"};
  path.rnrmav = 1.3917;
  return path;
}

/// Double scattering in a triangle of nearest neighbours.
inline ScatteringPath copper_triangle() {
  Eigen::MatrixX3d atoms = Eigen::MatrixX3d::Zero(3, 3);
  const double half = 2.5478 / std::sqrt(2.0);
  atoms.row(1) << half, half, 0;
  atoms.row(2) << half, 0, half;
  ScatteringPath path = made_up_path(atoms, 48);
  path.name = "triangle";
  path.elements = {"Cu", "Cu", "Cu"};
  path.rnrmav = 1.3917;
  return path;
}

}  // namespace twin::xas
