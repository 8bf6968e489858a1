// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace twin::xas {

/// What a path's amplitude and phase depend on: its length and its angles.
struct PathShape {
  double half_length = 0;   ///< Å
  Eigen::VectorXd cosines;  ///< [legs] of the angle between the directions of the legs that come to
                            ///< an atom and go on from it; absorber first. 1 = straight on
};

/// \param atoms  [legs × 3] Å, absorber first; the path ends where it began
[[nodiscard]] PathShape path_shape(const Eigen::MatrixX3d& atoms);

}  // namespace twin::xas
