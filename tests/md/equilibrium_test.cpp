// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/equilibrium.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <utility>

namespace twin::md::equilibrium_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// Frames of independent values, on which a transient of \p size standard deviations dies away.
std::vector<Trajectory> frames(int count, double size, double lifetime, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<Trajectory> replicas(2);
  for (Trajectory& replica : replicas)
    for (int i = 0; i < count; ++i) {
      FrameValues values;
      Moments bond;
      bond.d1 = 0.01 + 1e-3 * normal(random);
      bond.d2 = 0.008 + 1e-4 * (normal(random) + size * std::exp(-i / lifetime));
      values.shells = {bond};
      values.rmsd = 0.13 + 1e-3 * normal(random);
      values.energy_eV = -900 + normal(random);
      replica.push_back(values);
    }
  return replicas;
}

TEST(Equilibrium, OfIndependentValuesIsFoundNearlyAlways) {
  int found = 0;
  for (unsigned seed = 0; seed < 100; ++seed)
    found += check_equilibrium(frames(400, 0, 1, seed), {}).equilibrated;
  EXPECT_GE(found, 90);  // 12 comparisons beyond 3 σ: 3 % of false alarms; 4 standard deviations
                         // below
}

TEST(Equilibrium, SaysWhatDrifts) {
  const Check check = check_equilibrium(frames(400, 2, 200, 3), {});
  EXPECT_FALSE(check.equilibrated);
  EXPECT_THAT(check.missing, HasSubstr("halves of the run differ in sigma2 by "));
}

/// The first frames of each replica, and those behind them.
std::pair<std::vector<Trajectory>, std::vector<Trajectory>> cut(
    const std::vector<Trajectory>& replicas, int at) {
  std::pair<std::vector<Trajectory>, std::vector<Trajectory>> parts;
  for (const Trajectory& replica : replicas) {
    parts.first.emplace_back(replica.begin(), replica.begin() + at);
    parts.second.emplace_back(replica.begin() + at, replica.end());
  }
  return parts;
}

TEST(Equilibrium, IsRefusedWhereTheFramesBeforeShowATransientThatGoesOn) {
  int alone = 0, with_before = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto [before, production] = cut(frames(500, 3, 100, seed), 150);
    alone += check_equilibrium(production, {}).equilibrated;
    const Check check = check_equilibrium(production, before);
    with_before += check.equilibrated;
    if (!check.equilibrated) {
      EXPECT_THAT(check.missing, HasSubstr("sigma2 still relaxes: "));
    }
  }
  EXPECT_GT(alone, 3);  // 0.19 standard deviations, 4 standard errors, and often not seen
  EXPECT_EQ(with_before, 0);
}

TEST(Equilibrium, IsFoundWhereTheTransientHasDiedBefore) {
  int found = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto [before, production] = cut(frames(1000, 30, 20, seed), 300);
    found += check_equilibrium(production, before).equilibrated;
  }
  EXPECT_GE(found, 35);
}

TEST(Settle, GoesOnUntilATransientIsGone) {
  const auto all = frames(3000, 3, 100, 1);
  auto replicas = cut(all, 100).first;
  const auto more = [&](std::vector<Trajectory>& onto) {
    for (std::size_t i = 0; i < onto.size(); ++i) {
      const auto at = all[i].begin() + static_cast<std::ptrdiff_t>(onto[i].size());
      onto[i].insert(onto[i].end(), at, at + 100);
    }
  };
  EXPECT_TRUE(settle(replicas, 400, more).empty());
  EXPECT_GE(replicas[0].size(), 300U);  // three lifetimes: 0.15, and in the mean 1 standard error
}

TEST(Settle, GivesUpAfterTwelveTimes) {
  auto replicas = frames(100, 1000, 1e6, 1);
  for (Trajectory& replica : replicas)
    for (std::size_t i = 0; i < replica.size(); ++i) replica[i].rmsd = static_cast<double>(i);
  int times = 0;
  const auto moving = settle(replicas, 400, [&](std::vector<Trajectory>& onto) {
    ++times;
    for (Trajectory& replica : onto) {
      replica.push_back(replica.back());
      replica.back().rmsd += 1;
    }
  });
  EXPECT_EQ(times, 12);
  EXPECT_THAT(moving, Contains("rmsd"));
}

TEST(Equilibrium, SaysWhenReplicasDiffer) {
  auto replicas = frames(400, 0, 1, 5);
  for (FrameValues& frame : replicas[1]) frame.rmsd += 1e-3;
  const Check check = check_equilibrium(replicas, {});
  EXPECT_FALSE(check.equilibrated);
  EXPECT_THAT(check.missing, HasSubstr("replicas differ in rmsd by "));
}

TEST(Equilibrium, SaysWhenThereAreTooFewSamples) {
  const Check check = check_equilibrium(frames(20, 0, 1, 1), {});
  EXPECT_FALSE(check.equilibrated);
  EXPECT_LE(check.n_eff, 40);
  EXPECT_THAT(check.missing, HasSubstr("50 are asked for"));
}

TEST(Equilibrium, OfNothingIsNotFound) {
  EXPECT_FALSE(check_equilibrium({}, {}).equilibrated);
  EXPECT_FALSE(check_equilibrium({{}, {}}, {}).equilibrated);
  EXPECT_EQ(still_moving({{}, {}}).size(), watched().size());
}

TEST(Trigger, WaitsForATransient) {
  EXPECT_THAT(still_moving(frames(60, 30, 60, 7)), Contains("sigma2"));
  int moving = 0;
  for (unsigned seed = 0; seed < 20; ++seed)
    moving += ::testing::Value(still_moving(frames(200, 30, 5, seed)), Contains("sigma2"));
  EXPECT_LE(moving, 6);  // chance alone cuts at the middle now and then
}

}  // namespace
}  // namespace twin::md::equilibrium_test
