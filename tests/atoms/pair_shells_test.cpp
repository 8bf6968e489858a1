// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/pair_shells.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atoms/crystal.h"
#include "core/error.h"
#include "cubic_cspbi3.h"

namespace twin::atoms::pair_shells_test {
namespace {

record::Structure perovskite() { return cubic_cspbi3(6, 2); }

TEST(PairShells, OfAPerovskiteAreItsClosedForms) {
  const auto shells = first_shells(build_crystal(perovskite()), 9.0);
  struct Expected {
    int centre, neighbour;
    double r, count, next;
  };
  // Species as they come: Pb 0, Cs 1, I 2. The second shell of Pb-I is at √5/2 a.
  const Expected all[] = {
      {0, 2, 3, 6, 3 * std::sqrt(5.0)}, {1, 2, 3 * std::sqrt(2.0), 12, 3 * std::sqrt(6.0)},
      {2, 2, 3 * std::sqrt(2.0), 8, 6}, {0, 1, 3 * std::sqrt(3.0), 8, 9},
      {0, 0, 6, 6, 6 * std::sqrt(2.0)}, {1, 1, 6, 6, 6 * std::sqrt(2.0)}};
  ASSERT_EQ(shells.size(), 6U);
  for (const Expected& one : all) {
    const auto found = std::find_if(shells.begin(), shells.end(), [&](const PairShell& s) {
      return s.centre == one.centre && s.neighbour == one.neighbour;
    });
    ASSERT_NE(found, shells.end());
    EXPECT_NEAR(found->r, one.r, 1e-12);
    EXPECT_NEAR(found->farthest, one.r, 1e-12);
    EXPECT_NEAR(found->count, one.count, 1e-12);
    EXPECT_NEAR(found->next, one.next, 1e-9);
  }
  EXPECT_EQ(shells.front().centre, 0);  // the shortest is first
  EXPECT_NEAR(shells.front().cutoff(), 1.3 * 3, 1e-12);
}

TEST(PairShells, DistancesOfATiltedOctahedronAreOneShell) {
  auto structure = perovskite();
  structure.sites[2].at = {0.5, 0.02, 0};  // 3.0 becomes 3.0024 Å
  const auto shells = first_shells(build_crystal(structure), 9.0);
  EXPECT_NEAR(shells.front().count, 6, 1e-12);
  EXPECT_NEAR(shells.front().farthest, std::hypot(3, 0.12), 1e-12);
}

TEST(PairShells, OfAnElementAreThoseOfTheLattice) {
  record::Structure bcc;
  bcc.lattice = "bcc";
  bcc.element = "Fe";
  bcc.a = 2.87;
  const auto shells = first_shells(build_crystal(bcc), 6.0);
  ASSERT_EQ(shells.size(), 1U);
  EXPECT_NEAR(shells[0].r, 2.87 * std::sqrt(3.0) / 2, 1e-12);
  EXPECT_NEAR(shells[0].next, 2.87, 1e-12);
  EXPECT_NEAR(shells[0].count, 8, 1e-12);
}

record::Structure fcc_metal(int cells) {
  record::Structure out;
  out.element = "Cu";
  out.a = 3.6;
  out.supercell = {cells, cells, cells};
  return out;
}

TEST(PairShells, OfAMixedCrystalAreThoseOfItsSites) {
  Frame ideal = build_crystal(fcc_metal(4));
  const std::vector<int> sites = ideal.species;
  // Every other site of a cell: the layers of L1_0, 4 like and 8 unlike neighbours.
  for (std::size_t i = 0; i < sites.size(); ++i) ideal.species[i] = i % 4 < 2 ? 0 : 1;
  auto shells = first_shells(ideal, 9.0, sites);
  ASSERT_EQ(shells.size(), 3U);
  for (const PairShell& shell : shells) {
    EXPECT_NEAR(shell.r, 3.6 / std::sqrt(2.0), 1e-12);
    EXPECT_NEAR(shell.next, 3.6, 1e-9);
    EXPECT_NEAR(shell.count, shell.centre == shell.neighbour ? 4 : 8, 1e-12);
  }
  EXPECT_NE(shells[0].centre, shells[0].neighbour);  // of equal lengths that of most bonds
  // Two atoms alone, not side by side: their own distance is no first shell.
  ideal.species = sites;
  ideal.species[0] = ideal.species[128] = 1;
  shells = first_shells(ideal, 9.0, sites);
  ASSERT_EQ(shells.size(), 2U);
  EXPECT_EQ(shells[0].neighbour, 0);
  EXPECT_NEAR(shells[1].count, 2 * 12.0 / 254, 1e-12);
  EXPECT_EQ(first_shells(ideal, 9.0).size(), 3U);
}

TEST(Crystal, CountsSubstitutesAfterItsOwnElements) {
  auto structure = perovskite();
  structure.substitutions = {{"I", "Br", 0.5}, {"Cs", "I", 0.1}};
  EXPECT_EQ(elements(structure), (std::vector<std::string>{"Pb", "Cs", "I", "Br"}));
  const Frame frame = build_crystal(structure);
  EXPECT_EQ(std::count(frame.species.begin(), frame.species.end(), 3), 0);  // none is made
  structure = fcc_metal(1);
  structure.substitutions = {{"Cu", "Ni", 1}};
  EXPECT_EQ(elements(structure), (std::vector<std::string>{"Cu", "Ni"}));
}

TEST(Crystal, OfSitesScalesWithItsFirstAxis) {
  auto structure = perovskite();
  structure.a = 6.3;
  structure.supercell = {1, 2, 3};
  const Frame frame = build_crystal(structure);
  EXPECT_EQ(elements(structure), (std::vector<std::string>{"Pb", "Cs", "I"}));
  EXPECT_TRUE(
      frame.cell.isApprox(Eigen::Matrix3d(Eigen::Vector3d(6.3, 12.6, 18.9).asDiagonal()), 1e-14));
  ASSERT_EQ(frame.positions.rows(), 30);
  EXPECT_EQ(std::count(frame.species.begin(), frame.species.end(), 2), 18);
  EXPECT_TRUE(frame.positions.row(1).isApproxToConstant(3.15, 1e-14));
  const Structure cell = cell_of(structure);
  record::Structure again = structure;
  put_cell(cell, again);
  EXPECT_TRUE(build_crystal(again).positions.isApprox(frame.positions, 1e-14));
  structure.cell[2] = structure.cell[1];
  EXPECT_THROW((void)cell_of(structure), Error);
}

}  // namespace
}  // namespace twin::atoms::pair_shells_test
