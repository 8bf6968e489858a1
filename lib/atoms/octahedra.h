// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "atoms/frame.h"
#include "atoms/neighbours.h"

namespace twin::atoms {

/// An atom and its six corners: PbI6.
struct Octahedron {
  int centre = 0;
  std::array<FixedPair, 6> corners;  ///< i the centre, j the corner
};

/// The octahedra of an ideal crystal: atoms whose six nearest neighbours are of other species,
/// nearer by a tenth than the seventh, and stand opposite to each other in pairs (beyond 150°, the
/// others within 60° to 120°). Species that are centres in one octahedron and corners in another,
/// as both are in rock salt, are left out, and so is a species most of whose atoms are no centres.
/// In the order of the atoms; empty for a metal. \throws Error{data} as for_each_pair()
[[nodiscard]] std::vector<Octahedron> find_octahedra(const Frame& ideal);

/// Two centres, the second in an image of the cell, and how many corners they share: 1 a corner, 2
/// an edge, 3 a face.
struct OctahedronLink {
  int one = 0, other = 0;  ///< atoms, one ≤ other
  Eigen::Vector3i image;   ///< of the other
  int corners = 0;
};

/// \param bonds  from centres (i) to corners (j), of one frame
[[nodiscard]] std::vector<OctahedronLink> octahedron_links(std::span<const FixedPair> bonds);

/// The network of a perovskite: each octahedron shares each corner with one other octahedron, along
/// three pseudo-cubic axes a, b, c: right-handed, a nearest to x, b to y.
///
/// Patterns that alternate over octahedra n = (n_a, n_b, n_c) have the signs (-1)^(q·n) with q one
/// of (0,1,1), (1,0,1), (1,1,0) and (1,1,1): the points M and R of the zone's boundary, in units of
/// π/a. One fits the box where its sign comes back to itself around it.
struct OctahedronNetwork {
  std::vector<Octahedron> octahedra;               ///< corners towards +a, -a, +b, -b, +c, -c
  std::vector<std::array<int, 3>> next;            ///< index of the octahedron behind +a, +b, +c
  Eigen::Matrix<double, Eigen::Dynamic, 4> signs;  ///< [octahedra] 1 or -1, for each q
  std::array<bool, 4> fits{};                      ///< for each q: else its signs mean nothing
  Eigen::Matrix3d steps;  ///< rows a, b, c: from octahedron to octahedron, in parts of the cell
};

/// Nothing where the octahedra form no such network (layers, edges, vacancies).
[[nodiscard]] std::optional<OctahedronNetwork> octahedron_network(
    const Frame& ideal, const std::vector<Octahedron>& octahedra);

}  // namespace twin::atoms
