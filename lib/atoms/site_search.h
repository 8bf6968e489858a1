// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <vector>

#include "atoms/frame.h"

namespace twin::atoms {

/// Fractions of a cell brought to [-1/2, 1/2).
[[nodiscard]] Eigen::RowVector3d nearest_image(const Eigen::RowVector3d& fraction);

/// The mean of fractions on their circle, an axis each: what a crystal as a whole has moved by,
/// whatever images its atoms are at.
[[nodiscard]] Eigen::RowVector3d circular_mean(const Eigen::MatrixX3d& fractions);

/// [n] The nearest site of the same species of each atom of a crystal, whose atoms are in its
/// order.
///
/// \param cell   of the atoms, Å, rows are its axes
/// \param atoms  [n × 3] fractions of their cell, counted from the crystal's origin
/// \return       n where no site is near. Cost: n.
[[nodiscard]] std::vector<std::size_t> nearest_sites(const Frame& ideal,
                                                     const Eigen::Matrix3d& cell,
                                                     const Eigen::MatrixX3d& atoms);

/// Puts each atom on the nearest site of its species.
///
/// The origin is found by trying: an atom of the rarest species sits on one of that species' sites.
/// Of the origins for which every site gets one atom, that with the smallest displacements counts.
///
/// \param ideal    the crystal at its sites
/// \param species  [n] of the atoms
/// \param cell     of the atoms, Å, rows are its axes
/// \param atoms    [n × 3] fractions of their cell
/// \return         [site] atom; nothing where no origin gives each site an atom
[[nodiscard]] std::optional<std::vector<std::size_t>> assign_sites(const Frame& ideal,
                                                                   const std::vector<int>& species,
                                                                   const Eigen::Matrix3d& cell,
                                                                   const Eigen::MatrixX3d& atoms);

}  // namespace twin::atoms
