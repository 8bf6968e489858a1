// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/path_shape.h"

namespace twin::xas {

PathShape path_shape(const Eigen::MatrixX3d& atoms) {
  const Eigen::Index legs = atoms.rows();
  PathShape shape;
  shape.cosines.resize(legs);
  Eigen::RowVector3d before = atoms.row(0) - atoms.row(legs - 1);
  double length_before = before.norm();
  for (Eigen::Index i = 0; i < legs; ++i) {
    const Eigen::RowVector3d after = atoms.row((i + 1) % legs) - atoms.row(i);
    const double length = after.norm();
    shape.cosines[i] = before.dot(after) / (length_before * length);
    shape.half_length += length / 2;
    before = after;
    length_before = length;
  }
  return shape;
}

}  // namespace twin::xas
