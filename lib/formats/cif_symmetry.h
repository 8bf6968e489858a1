// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace twin::formats {

/// x' = rotation · x + shift, in fractional coordinates.
struct Operation {
  Eigen::Matrix3d rotation;
  Eigen::Vector3d shift;
};

/// What a CIF says about symmetry; empty where it is silent.
struct StatedSymmetry {
  std::vector<std::string> triplets;  ///< "-x, y+1/2, z"
  std::string hall, hermann_mauguin, number;
};

/// The operations, identity among them: the triplets, else those of the Hall name, of the
/// Hermann-Mauguin name, of the number.
/// \param cell rows a, b, c, Å; decides between the axes of rhombohedral groups
/// \throws Error{data} nothing is said; a triplet or name that can't be read; a name that leaves
///                     the origin open, a number the setting; over 192 operations; an operation
///                     that changes the cell's lengths and angles (by over 1 %); triplets that are
///                     not as many as the group of the name has
[[nodiscard]] std::vector<Operation> operations(const StatedSymmetry& stated,
                                                const Eigen::Matrix3d& cell);

/// All places in the cell, each in [0, 1), that the operations make of \p x. Copies nearer than
/// 0.2 Å to each other are one; \p x is first put at the mean of those near to it.
[[nodiscard]] std::vector<Eigen::Vector3d> orbit(const Eigen::Vector3d& x,
                                                 const std::vector<Operation>& operations,
                                                 const Eigen::Matrix3d& cell);

}  // namespace twin::formats
