// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace twin::xas {

/// A scattering path as FEFF gives it: the columns of feffNNNN.dat, and its geometry.
struct ScatteringPath {
  std::string name;  ///< "Cu-Cu.1" or "path 7"
  int legs = 2;
  double degeneracy = 0.0;
  double reff = 0.0;                  ///< half path length, Å
  double rnrmav = 0.0;                ///< average Norman radius of the potentials, Å
  Eigen::MatrixX3d atoms;             ///< [legs × 3] Å, absorber first, at the origin
  std::vector<std::string> elements;  ///< [legs] of the atoms; empty where nobody said
  Eigen::VectorXd k;                  ///< [m] 1/Å, increasing from 0
  Eigen::VectorXd phc;                ///< [m] real[2*phc], radian
  Eigen::VectorXd mag;                ///< [m] mag[feff], Å
  Eigen::VectorXd phase;              ///< [m] phase[feff], radian
  Eigen::VectorXd reduction;          ///< [m] red factor
  Eigen::VectorXd lambda;             ///< [m] mean free path, Å
  Eigen::VectorXd rep;                ///< [m] real[p], 1/Å
};

}  // namespace twin::xas
