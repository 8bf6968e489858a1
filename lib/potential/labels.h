// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

namespace twin::potential {

/// A configuration whose energy and forces are asked for.
struct Unlabelled {
  std::vector<std::string> elements;  ///< [n] symbols
  Eigen::Matrix3d cell;               ///< Å, rows are the axes
  Eigen::MatrixX3d positions;         ///< [n × 3] Å
};

/// What a calculation says of it.
struct Labels {
  double energy_eV = 0.0;   ///< of all atoms
  Eigen::MatrixX3d forces;  ///< [n × 3] eV/Å
  std::optional<Eigen::Matrix3d>
      virial_eV;  ///< volume times pressure, positive where it is pressed
};

}  // namespace twin::potential
