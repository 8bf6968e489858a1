// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "atoms/crystal.h"
#include "message_of.h"

namespace twin::atoms::structure_test {
namespace {

using testing::HasSubstr;

/// Rock salt: face-centred, eight atoms.
Structure rock_salt(double a = 5.64) {
  Structure structure{"salt", a * Eigen::Matrix3d::Identity(), {}};
  for (const auto& at : {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0, .5, .5),
                         Eigen::Vector3d(.5, 0, .5), Eigen::Vector3d(.5, .5, 0)}) {
    structure.sites.push_back({"Na1", "Na", at, 1.0});
    structure.sites.push_back({"Cl1", "Cl", at + Eigen::Vector3d(.5, .5, .5), 1.0});
  }
  return structure;
}

TEST(Structure, ClusterHasTheShellsOfTheLattice) {
  const auto found = cluster(rock_salt(), 0, 5.64 + 1e-6);
  ASSERT_EQ(found.size(), 1u + 6 + 12 + 8 + 6);
  EXPECT_TRUE(found[0].r.isZero());
  EXPECT_EQ(found[0].site, 0u);
  EXPECT_TRUE(std::ranges::is_sorted(
      found, [](auto& one, auto& other) { return one.r.norm() < other.r.norm() - 1e-9; }));
  for (std::size_t i = 1; i < 7; ++i) EXPECT_EQ(found[i].element, "Cl");
  for (std::size_t i = 7; i < 19; ++i) EXPECT_EQ(found[i].element, "Na");
  EXPECT_NEAR(found[1].r.norm(), 2.82, 1e-12);
}

// The cluster of an ideal lattice, made the other way.
TEST(Structure, ClusterIsThatOfTheCubicLattice) {
  record::Structure lattice;
  lattice.element = "Cu";
  lattice.a = 3.61;
  Structure structure{"Cu", 3.61 * Eigen::Matrix3d::Identity(), {}};
  const Frame cell = build_crystal({"fcc", "Cu", 1.0, {1, 1, 1}});
  for (const auto& site : cell.positions.rowwise())
    structure.sites.push_back({"Cu", "Cu", site.transpose(), 1.0});
  const auto expected = build_cluster(lattice, 9.0);
  const auto found = cluster(structure, 2, 9.0);
  ASSERT_EQ(static_cast<Eigen::Index>(found.size()), expected.rows());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i].r.norm(), expected.row(static_cast<Eigen::Index>(i)).norm(), 1e-12);
}

// The same crystal by an oblique cell of a quarter of the volume.
TEST(Structure, ClusterDoesNotDependOnTheCell) {
  Structure primitive{"primitive", Eigen::Matrix3d::Zero(), {}};
  primitive.cell << 0, 2.82, 2.82, 2.82, 0, 2.82, 2.82 * 2, 2.82 * 3, 2.82 * 3;  // c + 2a + b
  primitive.sites = {{"Na1", "Na", {0, 0, 0}, 1.0}, {"Cl1", "Cl", {0, 0, 0}, 1.0}};
  primitive.sites[1].fractional =
      primitive.cell.transpose().inverse() * Eigen::Vector3d(2.82, 0, 0);
  const auto one = cluster(primitive, 0, 9.5), other = cluster(rock_salt(), 0, 9.5);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].element, other[i].element) << i;
    EXPECT_LT((one[i].r - other[i].r).norm(), 1e-9) << i;
  }
}

TEST(Structure, ClusterDoesNotDependOnTheOrderOrOriginOfTheSites) {
  auto moved = rock_salt();
  std::ranges::reverse(moved.sites);
  for (auto& site : moved.sites) site.fractional += Eigen::Vector3d(3.25, -0.5, 0.125);
  const auto one = cluster(rock_salt(), 0, 8), other = cluster(moved, 7, 8);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].element, other[i].element) << i;
    EXPECT_LT((one[i].r - other[i].r).norm(), 1e-9) << i;
  }
}

std::string refusal(const Structure& structure, std::size_t site, double radius) {
  return message_of([&] { static_cast<void>(cluster(structure, site, radius)); },
                    Cause::configuration);
}

TEST(Structure, ClusterRefusesWhatCannotBe) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double radius : {nan, 0.0, -1.0, std::numeric_limits<double>::infinity()})
    EXPECT_THAT(refusal(rock_salt(), 0, radius), HasSubstr("positive length")) << radius;
  EXPECT_THAT(refusal(rock_salt(), 8, 5), HasSubstr("no site 8"));
  EXPECT_THAT(refusal(rock_salt(), 0, 100), HasSubstr("20000"));
  EXPECT_THAT(refusal(rock_salt(nan), 0, 5), HasSubstr("no volume"));
  auto flat = rock_salt();
  flat.cell.row(2) = flat.cell.row(1);
  EXPECT_THAT(refusal(flat, 0, 5), HasSubstr("no volume"));
  auto oblique = rock_salt();
  oblique.cell.row(1) = Eigen::RowVector3d(1e7, 5, 0);
  oblique.cell.row(2) = Eigen::RowVector3d(1e7, 1e7, 5);
  EXPECT_THAT(refusal(oblique, 0, 5), HasSubstr("oblique"));
}

TEST(Structure, FindsTheAbsorber) {
  auto structure = rock_salt();
  structure.sites[3].label = "Cl2";
  EXPECT_EQ(find_site(structure, "Na"), 0u);
  EXPECT_EQ(find_site(structure, "Cl"), 1u);
  EXPECT_EQ(find_site(structure, "Cl", "Cl2"), 3u);
  const auto refused = [&](const std::string& element, const std::string& label) {
    return message_of([&] { static_cast<void>(find_site(structure, element, label)); },
                      Cause::configuration);
  };
  EXPECT_EQ(refused("Pb", ""), "salt: no Pb in it; it has Na, Cl");
  EXPECT_EQ(refused("Cl", "Na1"), "salt: no site 'Na1' of Cl; it has Cl1, Cl2");
}

TEST(Structure, PartialOccupancyIsRefused) {
  auto structure = rock_salt();
  EXPECT_NO_THROW(check_ordered(structure));
  structure.sites[2].occupancy = 0.9999;
  EXPECT_NO_THROW(check_ordered(structure));
  for (const double wrong : {0.5, 0.0, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    structure.sites[2].occupancy = wrong;
    EXPECT_THAT(message_of([&] { check_ordered(structure); }, Cause::configuration),
                HasSubstr("site Na1 (Na)"));
  }
}

TEST(Structure, FormulaIsReduced) {
  EXPECT_EQ(formula(rock_salt()), "Na Cl");
  auto structure = rock_salt();
  structure.sites.resize(3);
  EXPECT_EQ(formula(structure), "Na2 Cl");
}

}  // namespace
}  // namespace twin::atoms::structure_test
