// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/neighbours.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "atoms/crystal.h"
#include "core/error.h"

namespace twin::atoms::neighbours_test {
namespace {

Frame random_frame(int atoms, const Eigen::Matrix3d& cell, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> uniform(-1.5, 1.5);  // unwrapped on purpose
  Frame frame;
  frame.cell = cell;
  frame.positions.resize(atoms, 3);
  for (int i = 0; i < atoms; ++i)
    frame.positions.row(i) =
        Eigen::RowVector3d(uniform(engine), uniform(engine), uniform(engine)) * cell;
  frame.species.assign(static_cast<std::size_t>(atoms), 0);
  return frame;
}

/// Every pair, from images far enough: slow and plain.
std::vector<double> all_distances(const Frame& frame, double rmax, int images) {
  std::vector<double> found;
  for (int i = 0; i < frame.positions.rows(); ++i)
    for (int j = i; j < frame.positions.rows(); ++j)
      for (int x = -images; x <= images; ++x)
        for (int y = -images; y <= images; ++y)
          for (int z = -images; z <= images; ++z) {
            if (i == j && (x < 0 || (x == 0 && (y < 0 || (y == 0 && z <= 0))))) continue;
            const double r = separation({i, j, {x, y, z}}, frame).norm();
            if (r < rmax) found.push_back(r);
          }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<double> distances(const Frame& frame, double rmax) {
  std::vector<double> found;
  for_each_pair(frame, rmax, [&](int i, int j, const Eigen::Vector3d& r) {
    EXPECT_LE(i, j);
    found.push_back(r.norm());
  });
  std::sort(found.begin(), found.end());
  return found;
}

void expect_equal(const std::vector<double>& one, const std::vector<double>& other) {
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-10);
}

TEST(Neighbours, AreThoseOfTheFullEnumeration) {
  Eigen::Matrix3d skew;
  skew << 7, 0, 0, 2.5, 6, 0, -1, 2, 8;
  const Eigen::Matrix3d small = 2.2 * Eigen::Matrix3d::Identity();
  const Eigen::Matrix3d large = 25.0 * Eigen::Matrix3d::Identity();
  expect_equal(distances(random_frame(20, skew, 1), 5.0),
               all_distances(random_frame(20, skew, 1), 5.0, 5));
  expect_equal(distances(random_frame(3, small, 2), 5.0),
               all_distances(random_frame(3, small, 2), 5.0, 7));
  expect_equal(distances(random_frame(60, large, 3), 5.0),
               all_distances(random_frame(60, large, 3), 5.0, 4));
}

TEST(Neighbours, AreThoseOfTheFullEnumerationWhateverTheDensity) {
  Eigen::Matrix3d skew;
  skew << 7, 0, 0, 2.5, 6, 0, -1, 2, 8;
  // From one atom in eight bins to several in each of many within the cut-off.
  for (const int atoms : {2, 40, 250})
    for (const double rmax : {1.1, 2.9, 4.2})
      expect_equal(distances(random_frame(atoms, skew, 6), rmax),
                   all_distances(random_frame(atoms, skew, 6), rmax, 5));
  Frame sparse = random_frame(3, 200.0 * Eigen::Matrix3d::Identity(), 7);
  sparse.positions.row(0) << 199, 100, -1;
  sparse.positions.row(1) << -200, 101, 402;  // (1, 1, 3) from the first, over the edge
  EXPECT_NEAR(distances(sparse, 3.5).at(0), std::sqrt(11.0), 1e-10);
}

TEST(Neighbours, OfOneAtomAreItsImages) {
  record::Structure crystal;
  crystal.lattice = "sc";
  crystal.a = 3.0;
  crystal.supercell = {1, 1, 1};
  // 6 at a and 12 at √2 a, each pair of directions once.
  EXPECT_EQ(distances(build_crystal(crystal), 4.5).size(), 3u + 6u);
}

TEST(Neighbours, OfACrystalAreItsShells) {
  record::Structure crystal;
  crystal.a = 3.61;
  const Frame frame = build_crystal(crystal);
  int expected = 0;
  for (const auto& shell : shells(crystal, 6.0)) expected += shell.count;
  EXPECT_EQ(fixed_pairs(frame, 0.0, 6.0).size(), 256u * static_cast<std::size_t>(expected) / 2);
  EXPECT_EQ(fixed_pairs(frame, 3.0, 4.0).size(), 256u * 6 / 2);
}

TEST(Neighbours, FixedPairsFollowUnwrappedPositions) {
  const Eigen::Matrix3d cell = 9.0 * Eigen::Matrix3d::Identity();
  Frame frame = random_frame(30, cell, 4);
  const auto pairs = fixed_pairs(frame, 0.0, 4.0);
  ASSERT_FALSE(pairs.empty());
  for (const auto& pair : pairs) EXPECT_LT(separation(pair, frame).norm(), 4.0);
  const Eigen::Vector3d before = separation(pairs.front(), frame);
  frame.positions.row(pairs.front().j) += Eigen::RowVector3d(0, 0, 12.0);  // out of the cell
  const Eigen::Vector3d moved = separation(pairs.front(), frame) - before;
  EXPECT_NEAR((moved - Eigen::Vector3d(0, 0, pairs.front().i == pairs.front().j ? 0 : 12.0)).norm(),
              0, 1e-12);
}

TEST(Neighbours, RefuseWhatIsNotACell) {
  Frame frame = random_frame(4, 5.0 * Eigen::Matrix3d::Identity(), 5);
  EXPECT_THROW(static_cast<void>(fixed_pairs(frame, 0, -1.0)), Error);
  frame.positions(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(fixed_pairs(frame, 0, 3.0)), Error);
  frame = random_frame(4, Eigen::Matrix3d::Zero(), 5);
  EXPECT_THROW(static_cast<void>(fixed_pairs(frame, 0, 3.0)), Error);
}

}  // namespace
}  // namespace twin::atoms::neighbours_test
