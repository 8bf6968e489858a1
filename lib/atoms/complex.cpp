// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/complex.h"

#include <Eigen/Dense>
#include <array>
#include <string>

#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::atoms {

namespace {

constexpr double shortest_bond = 1, longest_bond = 5, smallest_box = 10;  // Å

[[noreturn]] void fail(const std::string& what) {
  throw Error(Cause::configuration, "structure: complex: " + what);
}

const std::array<Eigen::Vector3d, 6> corners{Eigen::Vector3d{1, 0, 0},  Eigen::Vector3d{0, 1, 0},
                                             Eigen::Vector3d{0, 0, 1},  Eigen::Vector3d{-1, 0, 0},
                                             Eigen::Vector3d{0, -1, 0}, Eigen::Vector3d{0, 0, -1}};

}  // namespace

Structure build_complex(const record::Complex& complex) {
  if (!(complex.box >= smallest_box && complex.box <= 1000))
    fail("box " + shortest(complex.box) + " Å; expected 10 to 1000 Å");
  Structure out;
  out.cell = complex.box * Eigen::Matrix3d::Identity();
  const Eigen::Vector3d middle = Eigen::Vector3d::Constant(0.5);
  static_cast<void>(atomic_number(complex.centre));
  out.sites.push_back({complex.centre + "1", complex.centre, middle});
  for (const record::Ligand& ligand : complex.ligands) {
    static_cast<void>(atomic_number(ligand.element));
    if (!(ligand.at >= shortest_bond && ligand.at <= longest_bond))
      fail(printable(ligand.element) + " at " + shortest(ligand.at) + " Å; expected 1 to 5 Å");
    for (int i = 0; i < ligand.count; ++i) {
      if (out.sites.size() > corners.size()) fail("over six ligands");
      const Eigen::Vector3d at = corners.at(out.sites.size() - 1) * ligand.at / complex.box;
      out.sites.push_back(
          {ligand.element + std::to_string(out.sites.size()), ligand.element, middle + at});
      out.name += ligand.element;
    }
  }
  if (out.sites.size() < 2) fail("no ligand");
  return out;
}

Eigen::MatrixX3d turned_onto(const Eigen::MatrixX3d& positions, const Eigen::MatrixX3d& sites) {
  const Eigen::Matrix4d motion = Eigen::umeyama(Eigen::Matrix3Xd(positions.transpose()),
                                                Eigen::Matrix3Xd(sites.transpose()), false);
  Eigen::MatrixX3d out = positions * motion.topLeftCorner<3, 3>().transpose();
  out.rowwise() += motion.topRightCorner<3, 1>().transpose();
  return out;
}

}  // namespace twin::atoms
