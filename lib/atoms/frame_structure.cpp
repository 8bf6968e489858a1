// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/frame_structure.h"

#include <Eigen/LU>

namespace twin::atoms {

Structure structure_of(const Frame& frame, const std::vector<std::string>& elements) {
  Structure out;
  out.name = "frame";
  out.cell = frame.cell;
  const Eigen::Matrix3d inverse = frame.cell.inverse();
  for (Eigen::Index i = 0; i < frame.positions.rows(); ++i) {
    const Eigen::Array3d at = (frame.positions.row(i) * inverse).transpose();
    const auto species = static_cast<std::size_t>(frame.species[static_cast<std::size_t>(i)]);
    const std::string& element = elements[species];
    out.sites.push_back({element + std::to_string(i + 1), element, (at - at.floor()).matrix()});
  }
  return out;
}

}  // namespace twin::atoms
