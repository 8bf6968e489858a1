// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/reweight.h"

#include <gtest/gtest.h>

#include <cmath>

#include "md/springs.h"

namespace twin::md::reweight_test {
namespace {

TEST_F(Springs, TheSameTargetWeighsAllFramesOne) {
  const auto weights = weights_for(recording, plan, warm);
  ASSERT_EQ(weights.of_frames.size(), 2U);
  for (const auto& replica : weights.of_frames)
    for (const double w : replica) EXPECT_NEAR(w, 1, 1e-12);
  EXPECT_NEAR(weights.share_left(), 1, 1e-12);
}

TEST_F(Springs, SigmaSquaredFollowsTheTemperature) {
  for (const double temperature : {285.0, 315.0}) {
    const Reweighted frames = at(temperature, plan.structure.a);
    const auto shell = cumulants(frames.production().replicas, shells->all()[0].r);
    // Independent atoms: twice the variance of a coordinate, and the motion across to second order.
    const double expected = 2 * boltzmann_eV * temperature / spring;
    EXPECT_NEAR(shell.sigma2.value, expected, 4 * shell.sigma2.sigma + 0.002 * expected)
        << temperature;
    EXPECT_LT(shell.sigma2.sigma, 0.005 * expected);
    // The unweighted value is far away, so the weights are what is tested.
    EXPECT_GT(std::abs(2 * boltzmann_eV * warm / spring - expected), 6 * shell.sigma2.sigma);
  }
}

TEST_F(Springs, WhatIsLeftIsTheClosedForm) {
  // Energies of n oscillators are gamma distributed with shape n/2: with x = T/T',
  // (Σw)²/(n Σw²) = (2x - 1)^(n/2) / x^n.
  const double n = 3.0 * static_cast<double>(plan.system.ideal.positions.rows());
  for (const double temperature : {292.0, 310.0}) {
    const double x = warm / temperature;
    const double expected = std::pow(2 * x - 1, n / 2) / std::pow(x, n);
    EXPECT_NEAR(weights_for(recording, plan, temperature).share_left(), expected, 0.03)
        << temperature;
  }
}

TEST_F(Springs, TheStandardErrorIsTheScatter) {
  const int repeats = 60;
  double sum = 0, squares = 0, claimed = 0;
  for (int i = 0; i < repeats; ++i) {
    recording = drawn(warm, 120);
    const Reweighted frames = at(315, plan.structure.a);
    const auto shell = cumulants(frames.production().replicas, shells->all()[0].r);
    sum += shell.sigma2.value;
    squares += shell.sigma2.value * shell.sigma2.value;
    claimed += shell.sigma2.sigma / repeats;
  }
  const double mean = sum / repeats, scatter = std::sqrt(squares / repeats - mean * mean);
  EXPECT_NEAR(claimed / scatter, 1, 0.3);  // a scatter of 60 is known to 9 %
}

TEST_F(Springs, StrainKeepsTheMotion) {
  // Frames are scaled by s, the spring is not: scaled motion is weighed back to kT/k.
  const double a = plan.structure.a;
  const Reweighted frames = at(warm, a * 1.003);
  EXPECT_NEAR(shells->all()[0].r, a * 1.003 / std::sqrt(2), 1e-9);
  const auto shell = cumulants(frames.production().replicas, shells->all()[0].r);
  const double expected = 2 * boltzmann_eV * warm / spring;
  EXPECT_NEAR(shell.sigma2.value, expected, 4 * shell.sigma2.sigma + 0.002 * expected);
  EXPECT_NEAR(frames.production().replicas[0][0].axes[0], 2 * a * 1.003, 1e-9);
}

TEST_F(Springs, AreTheSameByAnyNumberOfThreads) {
  recording = drawn(warm, 203);  // blocks of different lengths
  model.temperature = 305;
  plan = make_plan(model);
  shells.emplace(plan.system.ideal);
  const auto by = [&](unsigned threads) {
    return Reweighted(recording, plan, *shells, 305, weights_for(recording, plan, 305, threads),
                      threads);
  };
  const Reweighted alone = by(1), many = by(5);
  const Outcome one = conclude(plan, *shells, alone.production(), 305);
  const Outcome other = conclude(plan, *shells, many.production(), 305);
  ASSERT_EQ(one.arrays.size(), other.arrays.size());
  ASSERT_TRUE(one.arrays.contains("rdf:Cu-Cu"));
  for (const auto& [name, array] : one.arrays) EXPECT_EQ(array.data, other.arrays.at(name).data);
  for (const auto& [name, quantity] : one.quantities) {
    EXPECT_EQ(quantity.value, other.quantities.at(name).value) << name;
    EXPECT_EQ(quantity.sigma, other.quantities.at(name).sigma) << name;
  }
  EXPECT_EQ(one.jacobian.matrix, other.jacobian.matrix);
}

TEST_F(Springs, FramesAreHandedOutInTheOrderOfARun) {
  const Reweighted frames = at(warm, plan.structure.a);
  int next = 0;
  frames.hand_out([&](const Sample& sample) {
    EXPECT_EQ(sample.replica, next % 2);
    EXPECT_EQ(sample.block, next % 2 * 4 + 4 * (next / 2) / 1500);
    ++next;
  });
  EXPECT_EQ(next, 3000);
}

TEST_F(Springs, AStartHasTheMotionOfItsTemperature) {
  const atoms::Frame start = start_from(recording, 0, plan, 2 * warm);
  const Eigen::MatrixX3d u = start.positions - plan.system.ideal.positions;
  const Eigen::MatrixX3d was =
      recording.replicas[0].back().positions.cast<double>() - plan.system.ideal.positions;
  const Eigen::MatrixX3d centred = was.rowwise() - was.colwise().mean();
  EXPECT_NEAR((u - std::sqrt(2) * centred).cwiseAbs().maxCoeff(), 0, 1e-5);
}

class Kept : public Springs {};

TEST_F(Kept, NearestFirstAndOnlyOfOneKey) {
  Bank bank;
  for (const double temperature : {300.0, 340.0, 310.0}) {
    recording = drawn(temperature, 3);
    bank.keep(recording);
  }
  plan.temperature = 312;
  const auto near = bank.near(plan);
  ASSERT_EQ(near.size(), 3U);
  EXPECT_EQ(near[0]->thermostat, 310);
  EXPECT_EQ(near[1]->thermostat, 300);
  model.seed = 2;  // asks for an independent run
  EXPECT_TRUE(bank.near(make_plan(model)).empty());
  model.seed = 1;
  model.structure.a *= 1.01;  // does not
  EXPECT_EQ(bank.near(make_plan(model)).size(), 3U);
  model.structure.supercell = {3, 3, 3};
  EXPECT_TRUE(bank.near(make_plan(model)).empty());
}

TEST_F(Kept, TheOldestIsForgotten) {
  Bank bank(100'000);  // a frame of 32 atoms has some 500 bytes
  for (int i = 0; i < 5; ++i) {
    recording = drawn(300 + i, 30);
    bank.keep(recording);
  }
  const auto near = bank.near(plan);
  ASSERT_EQ(near.size(), 3U);
  for (const Recording* one : near) EXPECT_GT(one->thermostat, 301);
}

}  // namespace
}  // namespace twin::md::reweight_test
