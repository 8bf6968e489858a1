// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/tilts.h"

#include <Eigen/Geometry>
#include <cmath>
#include <string>

#include "atoms/octahedra.h"
#include "core/error.h"

namespace twin::md {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(Cause::configuration, "structure: tilts: " + what);
}

/// Which of the network's signs a tilt about axis \p k alternates by; -1 where there is none.
Eigen::Index sign_of(char pattern, Eigen::Index k) {
  constexpr Eigen::Index out_of_phase = 3;
  return pattern == '+' ? k : pattern == '-' ? out_of_phase : -1;
}

}  // namespace

atoms::Frame tilted(const atoms::Frame& ideal, const record::Tilts& tilts) {
  const auto network = atoms::octahedron_network(ideal, atoms::find_octahedra(ideal));
  if (!network) fail("there are no octahedra that share each corner with one other");
  const Eigen::Matrix3d axes = (network->steps * ideal.cell).rowwise().normalized();
  atoms::Frame out = ideal;
  for (Eigen::Index k = 0; k < 3; ++k) {
    const auto axis = static_cast<std::size_t>(k);
    const Eigen::Index sign = sign_of(tilts.pattern[axis], k);
    if (sign < 0) continue;
    if (!network->fits[static_cast<std::size_t>(sign)])
      fail(
          "octahedra that turn against their neighbours do not fit the supercell; expected even "
          "numbers of cells");
    const Eigen::Vector3d turn = std::tan(tilts.angles[axis]) * axes.row(k).transpose();
    for (std::size_t o = 0; o < network->octahedra.size(); ++o)
      for (const atoms::FixedPair& corner : network->octahedra[o].corners) {
        const Eigen::Vector3d v = network->signs(static_cast<Eigen::Index>(o), sign) * turn;
        constexpr double share = 0.5;  // of two octahedra, which agree
        out.positions.row(corner.j) +=
            share * v.cross(atoms::separation(corner, ideal)).transpose();
      }
  }
  return out;
}

}  // namespace twin::md
