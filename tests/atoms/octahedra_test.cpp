// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/octahedra.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "atoms/crystal.h"
#include "cubic_cspbi3.h"
#include "delta_cspbi3.h"
#include "tilted_perovskite.h"

namespace twin::atoms::octahedra_test {
namespace {

const Eigen::Vector3d none = Eigen::Vector3d::Zero();

std::vector<FixedPair> bonds_of(const std::vector<Octahedron>& octahedra) {
  std::vector<FixedPair> bonds;
  for (const Octahedron& one : octahedra)
    bonds.insert(bonds.end(), one.corners.begin(), one.corners.end());
  return bonds;
}

TEST(Octahedra, OfAPerovskiteAreItsBSites) {
  const Frame ideal = build_crystal(cubic_cspbi3(6.29, 2));
  const auto octahedra = find_octahedra(ideal);
  ASSERT_EQ(octahedra.size(), 8U);
  for (const Octahedron& one : octahedra) {
    EXPECT_EQ(ideal.species[static_cast<std::size_t>(one.centre)], 0);
    for (const FixedPair& corner : one.corners) {
      EXPECT_EQ(corner.i, one.centre);
      EXPECT_EQ(ideal.species[static_cast<std::size_t>(corner.j)], 2);
      EXPECT_NEAR(separation(corner, ideal).norm(), 3.145, 1e-12);
    }
  }
}

TEST(Octahedra, AreNotSeenInAMetalOrInRockSalt) {
  record::Structure copper;
  copper.element = "Cu";
  copper.a = 3.6;
  copper.supercell = {2, 2, 2};
  EXPECT_TRUE(find_octahedra(build_crystal(copper)).empty());
  copper.lattice = "sc";  // six neighbours, of its own kind
  EXPECT_TRUE(find_octahedra(build_crystal(copper)).empty());
  record::Structure salt;
  salt.a = 5.64;
  salt.supercell = {2, 2, 2};
  salt.cell = {{{5.64, 0, 0}, {0, 5.64, 0}, {0, 0, 5.64}}};
  salt.sites = {{"Na", {0, 0, 0}},     {"Na", {0, 0.5, 0.5}},  {"Na", {0.5, 0, 0.5}},
                {"Na", {0.5, 0.5, 0}}, {"Cl", {0.5, 0, 0}},    {"Cl", {0, 0.5, 0}},
                {"Cl", {0, 0, 0.5}},   {"Cl", {0.5, 0.5, 0.5}}};
  EXPECT_TRUE(find_octahedra(build_crystal(salt)).empty());
}

TEST(Octahedra, OfDeltaAreThosePublished) {
  const Frame ideal = build_crystal(delta_cspbi3({1, 2, 1}));
  const auto octahedra = find_octahedra(ideal);
  ASSERT_EQ(octahedra.size(), 8U);
  for (const Octahedron& one : octahedra) {
    std::vector<double> lengths;
    for (const FixedPair& corner : one.corners) lengths.push_back(separation(corner, ideal).norm());
    std::ranges::sort(lengths);
    // As the refinement lists them; its last digit.
    const double published[] = {3.0426, 3.2252, 3.2252, 3.2606, 3.2606, 3.4098};
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(lengths[k], published[k], 1.1e-3);
  }
}

TEST(OctahedronLinks, AreCornersInThePerovskiteAndEdgesInDelta) {
  for (const int cells : {1, 2, 3}) {
    const auto links =
        octahedron_links(bonds_of(find_octahedra(build_crystal(cubic_cspbi3(6.29, cells)))));
    EXPECT_EQ(links.size(), static_cast<std::size_t>(3 * cells * cells * cells));
    for (const OctahedronLink& link : links) EXPECT_EQ(link.corners, 1);
  }
  // Each octahedron of the double chain shares edges with four others.
  const auto links =
      octahedron_links(bonds_of(find_octahedra(build_crystal(delta_cspbi3({1, 2, 1})))));
  EXPECT_EQ(std::ranges::count(links, 2, &OctahedronLink::corners), 8 * 4 / 2);
}

TEST(OctahedronNetwork, OfAPerovskiteCountsAlongItsAxes) {
  const Frame ideal = tilted_perovskite(6.3, {0.1, 0, 0.2}, {0, 0.15, 0}, 2);
  const auto network = octahedron_network(ideal, find_octahedra(ideal));
  ASSERT_TRUE(network);
  EXPECT_TRUE((network->steps * ideal.cell).isApprox(6.3 * Eigen::Matrix3d::Identity(), 1e-12));
  EXPECT_EQ(network->fits, (std::array{true, true, true, true}));
  for (std::size_t o = 0; o < 8; ++o)
    for (int axis = 0; axis < 3; ++axis) {
      const auto k = static_cast<std::size_t>(axis);
      const auto next = static_cast<std::size_t>(network->next[o][k]);
      const Eigen::RowVector4d turned =
          network->signs.row(static_cast<Eigen::Index>(o))
              .cwiseProduct(network->signs.row(static_cast<Eigen::Index>(next)));
      Eigen::RowVector4d expected(-1, -1, -1, -1);
      expected[axis] = 1;  // along the axis of a tilt in phase
      EXPECT_EQ(turned, expected);
      const auto& corners = network->octahedra[o].corners;
      EXPECT_GT(separation(corners[2 * k], ideal)[axis], 3);
      EXPECT_LT(separation(corners[2 * k + 1], ideal)[axis], -3);
    }
}

TEST(OctahedronNetwork, SaysWhereTheBoxIsOdd) {
  Eigen::Matrix3i cells = Eigen::Vector3i(2, 3, 4).asDiagonal();
  const Frame ideal = tilted_perovskite(6.3, none, none, cells);
  const auto network = octahedron_network(ideal, find_octahedra(ideal));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->fits, (std::array{false, true, false, false}));
}

TEST(OctahedronNetwork, FollowsTheLatticeInARotatedBox) {
  Eigen::Matrix3i cells;  // √2 × √2 × 2
  cells << 1, 1, 0, -1, 1, 0, 0, 0, 2;
  Frame ideal = tilted_perovskite(6.3, none, none, cells);
  const auto network = octahedron_network(ideal, find_octahedra(ideal));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->octahedra.size(), 4U);
  EXPECT_EQ(network->fits, (std::array{false, false, true, true}));  // the cell of a-a-c+
  EXPECT_TRUE((network->steps * ideal.cell).isApprox(6.3 * Eigen::Matrix3d::Identity(), 1e-12));
}

TEST(OctahedronNetwork, IsNotThatOfDeltaNorOfACrystalWithAHole) {
  const Frame delta = build_crystal(delta_cspbi3({1, 2, 1}));
  EXPECT_FALSE(octahedron_network(delta, find_octahedra(delta)));
  Frame hole = tilted_perovskite(6.3, none, none, 2);
  const Eigen::Index last = hole.positions.rows() - 1;  // an X
  hole.positions.conservativeResize(last, 3);
  hole.species.pop_back();
  const auto left = find_octahedra(hole);
  EXPECT_EQ(left.size(), 6U);
  EXPECT_FALSE(octahedron_network(hole, left));
  EXPECT_FALSE(octahedron_network(hole, {}));
}

}  // namespace
}  // namespace twin::atoms::octahedra_test
