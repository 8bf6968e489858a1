// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/octahedra.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "atoms/crystal.h"
#include "cubic_cspbi3.h"
#include "delta_cspbi3.h"
#include "tilted_perovskite.h"

namespace twin::md::octahedra_test {
namespace {

constexpr double degree = std::numbers::pi / 180;
const Eigen::Vector3d none = Eigen::Vector3d::Zero();

atoms::Frame untilted() { return tilted_perovskite(6.3, none, none, 4); }

/// Parts of v for a rotation by \p degrees about one axis.
double by(double degrees) { return std::tan(degrees * degree); }

void expect_near(const Eigen::Vector3d& one, const Eigen::Vector3d& other, double tolerance) {
  EXPECT_LT((one - other).cwiseAbs().maxCoeff(), tolerance)
      << one.transpose() << " and " << other.transpose();
}

TEST(OctahedronValues, OfTheIdealCrystalAreRightAngles) {
  const Octahedra octahedra(untilted());
  const auto values = octahedra.of(untilted());
  ASSERT_EQ(octahedra.angles().size(), 2U);
  EXPECT_EQ(octahedra.angles()[0].tip, 2);  // B-X-B
  EXPECT_EQ(octahedra.angles()[1].tip, 0);  // X-B-X
  EXPECT_NEAR(values.bridge(), std::numbers::pi, 1e-7);
  EXPECT_NEAR(values.angles[1].mean, std::numbers::pi / 2, 1e-12);
  EXPECT_NEAR(values.angles[1].square, std::pow(std::numbers::pi / 2, 2), 1e-12);
  expect_near(values.tilt, none, 1e-12);
  expect_near(values.lengths, Eigen::Vector3d::Constant(6.3), 1e-12);
  expect_near(values.cosines, none, 1e-12);
  EXPECT_EQ(values.beyond_corners, 0);
  EXPECT_TRUE(octahedra.three_corners_each());
}

TEST(OctahedronValues, OfOneTiltAreClosedForms) {
  const Octahedra octahedra(untilted());
  for (int axis = 0; axis < 3; ++axis)
    for (const bool in_phase : {true, false})
      for (const double tilt : {0.5, 8.0, -17.0}) {
        const Eigen::Vector3d v = by(tilt) * Eigen::Vector3d::Unit(axis);
        const auto values = octahedra.of(in_phase ? tilted_perovskite(6.3, v, none, 4)
                                                  : tilted_perovskite(6.3, none, v, 4));
        const Eigen::Vector3d theta = tilt * degree * Eigen::Vector3d::Unit(axis);
        expect_near(values.in_phase, in_phase ? theta : none, 1e-12);
        expect_near(values.out_of_phase, in_phase ? none : theta, 1e-12);
        expect_near(values.tilt, theta.cwiseAbs(), 1e-12);
        EXPECT_NEAR(values.correlation[axis], in_phase ? 1 : -1, 1e-12);
        // Two bridges of three bend, by the tilts of both their octahedra.
        const double bend = 2 * std::abs(tilt) * degree, straight = std::numbers::pi;
        EXPECT_NEAR(values.bridge(), straight - 2 * bend / 3, 1e-7);
        EXPECT_NEAR(values.angles[0].square - std::pow(values.angles[0].mean, 2),
                    2 * bend * bend / 9, 1e-6);
      }
}

TEST(OctahedronValues, OfGammaAreTheRotationVector) {
  // a-b+a-: v has the same length everywhere, the rotation is about it by atan |v|.
  const Eigen::Vector3d in_phase(0, by(9), 0), out_of_phase(by(7), 0, by(7));
  const double size = (in_phase + out_of_phase).norm();
  const double scale = std::atan(size) / size;
  const Octahedra octahedra(untilted());
  const auto values = octahedra.of(tilted_perovskite(6.3, in_phase, out_of_phase, 4));
  expect_near(values.in_phase, scale * in_phase, 1e-12);
  expect_near(values.out_of_phase, scale * out_of_phase, 1e-12);
  expect_near(values.correlation, {-1, 1, -1}, 1e-12);
}

TEST(OctahedronValues, AreTheSameFromATiltedStart) {
  const auto gamma = tilted_perovskite(6.3, {0, 0.15, 0}, {0.1, 0, 0.1}, 2);
  const auto here = Octahedra(gamma).of(gamma);
  const auto there = Octahedra(tilted_perovskite(6.3, none, none, 2)).of(gamma);
  expect_near(here.in_phase, there.in_phase, 1e-12);
  expect_near(here.out_of_phase, there.out_of_phase, 1e-12);
}

TEST(OctahedronValues, DoNotDependOnWhereAtomsAreListedOrTheCrystalStands) {
  std::mt19937_64 random(3);
  const auto ideal = untilted();
  const auto frame = shaken(tilted_perovskite(6.3, {0, 0, 0.2}, {0.1, 0, 0}, 4), 0.1, random);
  const auto expected = Octahedra(ideal).of(frame);

  std::vector<Eigen::Index> order(static_cast<std::size_t>(ideal.positions.rows()));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  const auto in_order = [&](atoms::Frame from) {
    const atoms::Frame old = from;
    for (std::size_t i = 0; i < order.size(); ++i) {
      from.positions.row(static_cast<Eigen::Index>(i)) = old.positions.row(order[i]);
      from.species[i] = old.species[static_cast<std::size_t>(order[i])];
    }
    from.positions.rowwise() += Eigen::RowVector3d(3, -7, 20);  // and drifted
    return from;
  };
  const auto shuffled = Octahedra(in_order(ideal)).of(in_order(frame));
  expect_near(shuffled.tilt, expected.tilt, 1e-12);
  // The first octahedron may be another one: all signs together are a choice.
  expect_near(shuffled.in_phase.cwiseAbs(), expected.in_phase.cwiseAbs(), 1e-12);
  expect_near(shuffled.out_of_phase.cwiseAbs(), expected.out_of_phase.cwiseAbs(), 1e-12);
  EXPECT_NEAR(shuffled.bridge(), expected.bridge(), 1e-12);

  const Eigen::Matrix3d turn =
      Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
  const auto turned = [&](atoms::Frame from) {
    from.cell = from.cell * turn.transpose();
    from.positions = from.positions * turn.transpose();
    return from;
  };
  const auto elsewhere = Octahedra(turned(ideal)).of(turned(frame));
  expect_near(elsewhere.in_phase, expected.in_phase, 1e-12);
  expect_near(elsewhere.out_of_phase, expected.out_of_phase, 1e-12);
  expect_near(elsewhere.correlation, expected.correlation, 1e-12);
}

TEST(OctahedronValues, OfACellAtFortyFiveDegreesAreThoseOfTheLattice) {
  Eigen::Matrix3i cells;  // the cell of a-a-c+: √2 × √2 × 2
  cells << 2, 2, 0, -2, 2, 0, 0, 0, 2;
  const Octahedra octahedra(tilted_perovskite(6.3, none, none, cells));
  const auto values =
      octahedra.of(tilted_perovskite(6.3, {0, 0, by(10)}, {by(6), -by(6), 0}, cells));
  const double size = std::sqrt(by(10) * by(10) + 2 * by(6) * by(6));
  const double scale = std::atan(size) / size;
  EXPECT_NEAR(values.in_phase[2], scale * by(10), 1e-12);
  EXPECT_NEAR(values.out_of_phase[0], scale * by(6), 1e-12);
  EXPECT_NEAR(values.out_of_phase[1], -scale * by(6), 1e-12);
  // Stretched along its own edges, the box shears the pseudo-cubic cell.
  auto sheared = tilted_perovskite(6.3, none, none, cells);
  const Eigen::Matrix3d strain =
      Eigen::Matrix3d::Identity() + 0.01 * (Eigen::Vector3d(1, 1, 0) * Eigen::RowVector3d(1, 1, 0));
  sheared.cell *= strain;
  sheared.positions *= strain;
  const auto after = octahedra.of(sheared);
  EXPECT_NEAR(after.lengths[0], after.lengths[1], 1e-12);
  EXPECT_NEAR(after.cosines[2], (2 * 0.01 + 2e-4) / (1.0001 + 0.0201), 2e-4);
  expect_near(after.tilt, none, 1e-12);  // the axes go with the cell
}

TEST(OctahedronValues, OfThermalMotionHaveNoStaticTilt) {
  // θ_c is the mean of four arms turning: (Σ ±u)/(4 · a/2) with u independent, but X are shared.
  std::mt19937_64 random(8);
  const Octahedra octahedra(untilted());
  const double s = 0.1, a = 6.3;
  Eigen::Vector3d tilt = none, with = none;
  const int frames = 200;
  for (int i = 0; i < frames; ++i) {
    const auto values = octahedra.of(shaken(untilted(), s, random));
    tilt += values.tilt / frames;
    with += values.in_phase / frames;
    EXPECT_EQ(values.beyond_corners, 0);
  }
  // Of |θ| for a normal θ of deviation √4 s/(2 a): √(2/π) of it; the bonds' own motion adds 3
  // s²/a².
  const double deviation = s / a;
  expect_near(tilt, Eigen::Vector3d::Constant(std::sqrt(2 / std::numbers::pi) * deviation),
              0.01 * deviation);
  EXPECT_LT(with.norm(), 5 * deviation / std::sqrt(64.0 * frames));
}

TEST(OctahedronValues, OfDeltaAreAsPublished) {
  const auto ideal = atoms::build_crystal(delta_cspbi3({1, 2, 1}));
  const Octahedra octahedra(ideal);
  const auto values = octahedra.of(ideal);
  EXPECT_FALSE(octahedra.network());
  EXPECT_TRUE(octahedra.three_corners_each());
  EXPECT_EQ(values.beyond_corners, 1);
  // I1 joins two Pb: 95.92°; I3 three: 94.546°, 88.806° twice. Of each Pb one of them and three.
  EXPECT_NEAR(values.bridge() / degree, (95.920 + 94.546 + 2 * 88.806) / 4, 0.02);
  const double ninety[] = {92.108, 92.108, 95.918, 92.370, 84.593, 92.370,
                           84.593, 94.546, 84.385, 84.385, 91.193, 91.193};
  EXPECT_NEAR(values.angles[1].mean / degree,
              std::accumulate(std::begin(ninety), std::end(ninety), 0.0) / 12, 0.02);
  std::mt19937_64 random(2);
  EXPECT_EQ(octahedra.of(shaken(ideal, 0.15, random)).beyond_corners, 1);
}

TEST(OctahedronValues, SeeWhenCornersBecomeEdges) {
  // Two octahedra side by side whose common corner a third atom joins.
  const auto ideal = untilted();
  const Octahedra octahedra(ideal);
  auto frame = ideal;
  const Eigen::RowVector3d towards = ideal.positions.row(0) + Eigen::RowVector3d(3.15, 2.2, 0);
  for (Eigen::Index i = 0; i < frame.positions.rows(); ++i)
    if ((ideal.positions.row(i) - ideal.positions.row(0) - Eigen::RowVector3d(0, 3.15, 0)).norm() <
        1e-6)
      frame.positions.row(i) = towards;
  EXPECT_DOUBLE_EQ(octahedra.of(frame).beyond_corners, 2.0 / 64);
}

TEST(OctahedronValues, OfAMetalAreNothing) {
  record::Structure copper;
  copper.element = "Cu";
  copper.a = 3.6;
  const auto ideal = atoms::build_crystal(copper);
  const Octahedra octahedra(ideal);
  EXPECT_FALSE(octahedra.any());
  EXPECT_EQ(octahedra.of(ideal).bridge(), 0);
}

}  // namespace
}  // namespace twin::md::octahedra_test
