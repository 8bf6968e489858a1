// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/equilibrium.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace twin::md {
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
    found += check_equilibrium(frames(400, 0, 1, seed)).equilibrated;
  EXPECT_GE(found, 92);  // 8 comparisons at 3 σ: 2 % of false alarms; 4 standard deviations below
}

TEST(Equilibrium, SaysWhatDrifts) {
  const Check check = check_equilibrium(frames(400, 2, 200, 3));
  EXPECT_FALSE(check.equilibrated);
  EXPECT_THAT(check.missing, HasSubstr("halves of the run differ in sigma2 by "));
}

TEST(Equilibrium, SaysWhenReplicasDiffer) {
  auto replicas = frames(400, 0, 1, 5);
  for (FrameValues& frame : replicas[1]) frame.rmsd += 1e-3;
  const Check check = check_equilibrium(replicas);
  EXPECT_FALSE(check.equilibrated);
  EXPECT_THAT(check.missing, HasSubstr("replicas differ in rmsd by "));
}

TEST(Equilibrium, SaysWhenThereAreTooFewSamples) {
  const Check check = check_equilibrium(frames(20, 0, 1, 1));
  EXPECT_FALSE(check.equilibrated);
  EXPECT_LE(check.n_eff, 40);
  EXPECT_THAT(check.missing, HasSubstr("50 are asked for"));
}

TEST(Equilibrium, OfNothingIsNotFound) {
  EXPECT_FALSE(check_equilibrium({}).equilibrated);
  EXPECT_FALSE(check_equilibrium({{}, {}}).equilibrated);
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
}  // namespace twin::md
