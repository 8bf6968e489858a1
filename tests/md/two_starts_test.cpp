// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/two_starts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace twin::md::two_starts_test {
namespace {

using ::testing::HasSubstr;

/// Frames of a bond around \p r, correlated over \p tau frames, in a fixed cell.
Trajectory bond(double r, double tau, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  const double stay = std::exp(-1 / tau);
  Trajectory frames;
  double away = normal(random);
  for (int i = 0; i < 2000; ++i) {
    away = stay * away + std::sqrt(1 - stay * stay) * normal(random);
    FrameValues frame;
    frame.shells.resize(1);
    frame.shells.front().d1 = r + 0.01 * away;
    frame.volume = 3000.1;
    frames.push_back(frame);
  }
  return frames;
}

TEST(TwoStarts, ThatAgreeAreCalledSo) {
  // One observable moves: 4.6 % of runs at equilibrium are beyond 2 standard errors, and some more
  // as those are estimates. 300 runs of four replicas.
  std::mt19937_64 random(3);
  int apart = 0;
  for (int run = 0; run < 300; ++run) {
    std::vector<Trajectory> replicas;
    for (int i = 0; i < 4; ++i) replicas.push_back(bond(2.55, 10, random));
    apart += starts_differ(replicas).empty() ? 0 : 1;
  }
  EXPECT_GE(apart, 3);
  EXPECT_LE(apart, 36);
}

TEST(TwoStarts, ThatDifferAreNamed) {
  std::mt19937_64 random(4);
  const std::vector<Trajectory> replicas{bond(2.55, 5, random), bond(2.56, 5, random),
                                         bond(2.55, 5, random), bond(2.56, 5, random)};
  EXPECT_THAT(starts_differ(replicas), HasSubstr("the two starts differ in r: 2.5"));
  EXPECT_THAT(starts_differ(replicas), HasSubstr(" standard errors"));
  EXPECT_EQ(starts_differ({replicas[0]}), "");
  // The same two values within one start say nothing of it.
  EXPECT_EQ(starts_differ({replicas[0], replicas[0], replicas[1], replicas[1]}), "");
}

TEST(TwoStarts, EverySecondReplicaIsTheOther) {
  EXPECT_FALSE(OtherStart::of(0, 2));
  EXPECT_TRUE(OtherStart::of(1, 2));
  EXPECT_FALSE(OtherStart::of(1, 1));
}

}  // namespace
}  // namespace twin::md::two_starts_test
