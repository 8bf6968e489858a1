// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "xas/scattering_path.h"

namespace twin::xas {

/// A path in FEFF's columns with the shape of copper's but closed formulas: amplitude
/// A(k) (1 + c/R), phase b(k) + d(k)/R once 2 (rep - k) R is taken out. FEFF's own dependence on R
/// has this form to leading order (curved waves).
inline ScatteringPath made_up_path(const Eigen::MatrixX3d& atoms, double degeneracy = 1) {
  ScatteringPath path;
  path.name = "made up";
  path.legs = static_cast<int>(atoms.rows());
  path.degeneracy = degeneracy;
  path.atoms = atoms;
  for (Eigen::Index i = 0; i < atoms.rows(); ++i)
    path.reff += (atoms.row((i + 1) % atoms.rows()) - atoms.row(i)).norm() / 2;
  path.k = Eigen::VectorXd::LinSpaced(101, 0.0, 20.0);
  const auto k = path.k.array();
  path.rep = (k.square() + 2.6).sqrt();
  path.lambda = 5.5 + 0.08 * k.square();
  path.reduction = Eigen::VectorXd::Constant(k.size(), 0.95);
  path.mag = 0.5 * k * (-0.012 * k.square()).exp() * (1 + 0.4 / path.reff) + 1e-3;
  path.phc = 3.5 - 0.35 * k;
  path.phase =
      -5.0 - 0.4 * k + (0.9 - 0.2 * k.sqrt()) / path.reff + 2 * path.reff * (path.rep.array() - k);
  return path;
}

inline ScatteringPath made_up_pair(double r) {
  Eigen::MatrixX3d atoms = Eigen::MatrixX3d::Zero(2, 3);
  atoms(1, 0) = r;
  return made_up_path(atoms);
}

}  // namespace twin::xas
