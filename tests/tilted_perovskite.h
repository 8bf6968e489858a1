// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <random>

#include "atoms/frame.h"

namespace twin {

/// An ABX3 crystal (species B 0, A 1, X 2) of octahedra tilted about the axes by Glazer's pattern,
/// X where the two octahedra that share it want it.
///
/// The six bonds of an octahedron are d + v × d for d along ±a, ±b, ±c, half a long. The rotation
/// that fits them best is about v, by atan |v|. \param in_phase, out_of_phase  parts of v, with the
/// signs of octahedron (0, 0, 0). \param cells  rows: the box in lattice vectors, even along each
/// axis where there are tilts.
inline atoms::Frame tilted_perovskite(double a, const Eigen::Vector3d& in_phase,
                                      const Eigen::Vector3d& out_of_phase,
                                      const Eigen::Matrix3i& cells) {
  atoms::Frame frame;
  frame.cell = a * cells.cast<double>();
  const Eigen::Matrix3d inverse = cells.cast<double>().inverse();
  std::vector<Eigen::Vector3d> positions;
  const int reach = cells.cwiseAbs().sum();
  const auto sign = [](int n) { return n % 2 == 0 ? 1.0 : -1.0; };
  for (int x = -reach; x <= reach; ++x)
    for (int y = -reach; y <= reach; ++y)
      for (int z = -reach; z <= reach; ++z) {
        const Eigen::RowVector3d at(x, y, z);
        const Eigen::RowVector3d part = at * inverse;
        if (!(part.minCoeff() > -1e-9) || !(part.maxCoeff() < 1 - 1e-9)) continue;
        const Eigen::Vector3d across(sign(y + z), sign(z + x), sign(x + y));
        const Eigen::Vector3d v = across.cwiseProduct(in_phase) + sign(x + y + z) * out_of_phase;
        positions.emplace_back(a * at.transpose());
        positions.emplace_back(a * (at.transpose() + Eigen::Vector3d::Constant(0.5)));
        frame.species.insert(frame.species.end(), {0, 1, 2, 2, 2});
        for (int k = 0; k < 3; ++k) {
          const Eigen::Vector3d d = 0.5 * a * Eigen::Vector3d::Unit(k);
          positions.emplace_back(a * at.transpose() + d + v.cross(d));
        }
      }
  frame.positions.resize(static_cast<Eigen::Index>(positions.size()), 3);
  for (std::size_t i = 0; i < positions.size(); ++i)
    frame.positions.row(static_cast<Eigen::Index>(i)) = positions[i].transpose();
  return frame;
}

inline atoms::Frame tilted_perovskite(double a, const Eigen::Vector3d& in_phase,
                                      const Eigen::Vector3d& out_of_phase, int cells) {
  return tilted_perovskite(a, in_phase, out_of_phase, cells * Eigen::Matrix3i::Identity());
}

/// Each coordinate moved by a normal displacement of its own.
inline atoms::Frame shaken(atoms::Frame frame, double amplitude, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, amplitude);
  frame.positions = frame.positions.unaryExpr([&](double x) { return x + normal(random); });
  return frame;
}

}  // namespace twin
