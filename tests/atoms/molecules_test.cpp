// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/molecules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace twin::atoms::molecules_test {
namespace {

/// A bent molecule of three atoms through the face x = 0, and an atom by itself.
Frame water_and_ion() {
  Frame frame;
  frame.cell = 10 * Eigen::Matrix3d::Identity();
  frame.positions.resize(4, 3);
  frame.positions << 9.8, 5, 5, 0.6, 5.4, 5, 5, 5, 5, 9.8, 6, 5;
  frame.species = {0, 1, 2, 1};
  return frame;
}

const std::vector<FixedPair> bonds{{0, 1, {1, 0, 0}}, {0, 3, {0, 0, 0}}};

TEST(Molecules, AreWholeAcrossTheFaces) {
  const Frame frame = water_and_ion();
  const auto found = molecules_of(4, bonds);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].atoms, (std::vector<int>{0, 1, 3}));
  EXPECT_TRUE(centre(found[0], frame).isApprox(Eigen::RowVector3d(30.2, 16.4, 15) / 3, 1e-12));
  EXPECT_NEAR(radius(found[0], frame), std::hypot(9.8 - 30.2 / 3, 6 - 16.4 / 3), 1e-12);
}

TEST(Molecules, AtTheirCentresKeepThePairsImages) {
  const Frame frame = water_and_ion();
  const Frame centred = at_centres(frame, molecules_of(4, bonds));
  for (const FixedPair& bond : bonds) EXPECT_LT(separation(bond, centred).norm(), 1e-12);
  EXPECT_EQ(centred.positions.row(2), frame.positions.row(2));
}

TEST(Molecules, HomesAreOtherAtomsAndCentres) {
  const Frame frame = water_and_ion();
  const auto found = molecules_of(4, bonds);
  const Frame all = homes(frame, found, 7);
  EXPECT_EQ(all.species, (std::vector<int>{2, 7}));
  EXPECT_EQ(all.positions.row(0), frame.positions.row(2));
  EXPECT_TRUE(all.positions.row(1).isApprox(centre(found[0], frame), 1e-12));
  EXPECT_EQ(homes(frame, {}, 7).positions, frame.positions);
}

TEST(Molecules, TurnedKeepTheirShapeAndTheirCentre) {
  const Frame frame = water_and_ion();
  const auto found = molecules_of(4, bonds);
  const Frame turned = turned_at_random(frame, found, 3);
  EXPECT_GT((turned.positions - frame.positions).norm(), 0.1);
  for (const FixedPair& bond : bonds)
    EXPECT_NEAR(separation(bond, turned).norm(), separation(bond, frame).norm(), 1e-12);
  EXPECT_TRUE(centre(found[0], turned).isApprox(centre(found[0], frame), 1e-12));
  EXPECT_EQ(turned.positions.row(2), frame.positions.row(2));
  EXPECT_EQ(turned_at_random(frame, found, 3).positions, turned.positions);
}

TEST(Molecules, AreTurnedAllWaysAlike) {
  // Second moments of a direction that is spread evenly are 1/3 on the diagonal, 0 beside it.
  const Frame frame = water_and_ion();
  const auto found = molecules_of(4, bonds);
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  Eigen::Matrix3d second = Eigen::Matrix3d::Zero();
  constexpr int draws = 4000;
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    const Eigen::Vector3d u =
        separation(bonds[0], turned_at_random(frame, found, seed)).normalized();
    mean += u / draws;
    second += u * u.transpose() / draws;
  }
  EXPECT_LT(mean.norm(), 4 / std::sqrt(draws));
  EXPECT_LT((second - Eigen::Matrix3d::Identity() / 3).cwiseAbs().maxCoeff(),
            4 * 0.3 / std::sqrt(draws));
}

TEST(Molecules, WithoutAnEndAreRefused) {
  EXPECT_THROW((void)molecules_of(2, {{0, 1, {0, 0, 0}}, {1, 0, {1, 0, 0}}}), Error);
  EXPECT_NO_THROW((void)molecules_of(2, {{0, 1, {0, 0, 0}}}));
  EXPECT_TRUE(molecules_of(3, {}).empty());
}

}  // namespace
}  // namespace twin::atoms::molecules_test
