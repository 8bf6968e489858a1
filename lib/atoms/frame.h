// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

namespace twin::atoms {

/// Atoms in a periodic cell at one instant.
struct Frame {
  Eigen::Matrix3d cell;        ///< rows are the cell vectors, Å
  Eigen::MatrixX3d positions;  ///< [n × 3] Å, wrapped or not
  std::vector<int> species;    ///< [n] index into the caller's list of elements
};

}  // namespace twin::atoms
