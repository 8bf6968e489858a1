// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/displacements.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace twin::md::displacements_test {
namespace {

struct Walk : ::testing::Test {
  /// \p atoms of two species, of masses 1 and 3.
  void start(int atoms) {
    frame.cell = Eigen::Vector3d(20, 21, 22).asDiagonal();
    frame.positions.resize(atoms, 3);
    for (double& x : frame.positions.reshaped()) x = 20 * uniform(random);
    for (int i = 0; i < atoms; ++i) frame.species.push_back(i % 2);
  }
  void step(double light, double heavy) {
    for (Eigen::Index i = 0; i < frame.positions.rows(); ++i)
      for (int k = 0; k < 3; ++k)
        frame.positions(i, k) += (i % 2 == 0 ? light : heavy) * normal(random);
  }

  std::mt19937_64 random{21};
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  atoms::Frame frame;
};

TEST_F(Walk, AtRandomDiffuses) {
  // Steps of variance s² a coordinate each 0.04 ps: D = s²/(2 · 0.04 ps), less what the centre of
  // mass takes: with 200 atoms, shares m_i/M of 1/400 and 3/400, within 2 %.
  start(200);
  Displacements displacements(frame, {1, 3}, 100, 0.04);
  for (int replica = 0; replica < 2; ++replica)
    for (int i = 0; i < 400; ++i) {
      displacements.add(replica, frame);
      step(0.1, 0.05);
    }
  const auto d = displacements.diffusion();
  ASSERT_EQ(d.size(), 2U);
  EXPECT_EQ(d[0].mean.n_eff, 8);
  EXPECT_NEAR(d[0].mean.value, 0.125, 5 * d[0].mean.sigma + 0.02 * 0.125);
  EXPECT_NEAR(d[1].mean.value, 0.03125, 5 * d[1].mean.sigma + 0.02 * 0.03125);
  EXPECT_LT(d[0].mean.sigma, 0.1 * d[0].mean.value);
  EXPECT_LT(d[0].sigma_sys, 0.1 * d[0].mean.value);
  // Each lag of n steps: 3 n s².
  const auto t = displacements.times();
  ASSERT_EQ(t.size(), 51);
  EXPECT_NEAR(t[50], 2.0, 1e-12);
  for (const Eigen::Index lag : {1, 10, 50})
    EXPECT_NEAR(
        displacements.mean_squares()(lag, 0), 3 * static_cast<double>(lag) * 0.01,
        6 * displacements.mean_squares_sigma()(lag, 0) + 0.02 * 0.03 * static_cast<double>(lag));
}

TEST_F(Walk, AboutSitesDoesNot) {
  start(200);
  const atoms::Frame sites = frame;
  Displacements displacements(frame, {1, 3}, 100, 0.04);
  for (int i = 0; i < 800; ++i) {
    frame = sites;
    step(0.2, 0.1);
    displacements.add(0, frame);
  }
  const auto d = displacements.diffusion();
  EXPECT_LT(std::abs(d[0].mean.value), 5 * d[0].mean.sigma);
  EXPECT_LT(d[0].mean.sigma, 2e-3);
  EXPECT_NEAR(displacements.mean_squares()(20, 0), 6 * 0.04, 0.005);  // 2 ⟨u²⟩
}

TEST_F(Walk, ThatHasNotComeToRestSaysHowFarItIs) {
  // About a site with a memory τ of 20 steps: MSD = 6 u² (1 - exp(-t/τ)), whose slope at 25 to 50
  // steps is no diffusion.
  start(200);
  const atoms::Frame sites = frame;
  Eigen::MatrixX3d moved = Eigen::MatrixX3d::Zero(200, 3);
  Displacements displacements(frame, {1, 3}, 100, 0.04);
  const double keep = std::exp(-1 / 20.0), u = 0.3;
  for (int i = 0; i < 1600; ++i) {
    for (double& x : moved.reshaped())
      x = keep * x + u * std::sqrt(1 - keep * keep) * normal(random);
    frame.positions = sites.positions + moved;
    if (i >= 800) displacements.add(0, frame);
  }
  const auto d = displacements.diffusion();
  const double closed = u * u * (std::exp(-25 / 20.0) - std::exp(-50 / 20.0)) / (25 * 0.04);
  EXPECT_NEAR(d[0].mean.value, closed, 0.2 * closed + 4 * d[0].mean.sigma);
  EXPECT_GT(d[0].mean.value, 3 * d[0].mean.sigma);
  const double alpha = closed * 6 * 1.5 / (6 * u * u * (1 - std::exp(-37.5 / 20)));
  EXPECT_NEAR(d[0].sigma_sys, closed * (1 - alpha), 0.2 * closed + 4 * d[0].mean.sigma);
  EXPECT_LT(d[0].mean.value, 2 * std::hypot(d[0].mean.sigma, d[0].sigma_sys));
}

TEST_F(Walk, IsNotSeenWhereTheCrystalDriftsAndBreathes) {
  start(50);
  const atoms::Frame sites = frame;
  Displacements displacements(frame, {1, 3}, 50, 0.1);
  for (int i = 0; i < 200; ++i) {
    const double scale = 1 + 0.02 * std::sin(0.3 * i);
    frame.cell = sites.cell * scale;
    frame.positions = sites.positions * scale;
    frame.positions.rowwise() += Eigen::RowVector3d(0.1 * i, -0.2 * i, 0) * scale;
    displacements.add(0, frame);
  }
  EXPECT_LT(displacements.mean_squares().maxCoeff(), 1e-20);
}

TEST_F(Walk, TooShortSaysNothing) {
  start(10);
  Displacements displacements(frame, {1, 3}, 5, 0.1);
  EXPECT_EQ(displacements.times().size(), 0);
  for (int i = 0; i < 20; ++i) displacements.add(0, frame);
  EXPECT_EQ(displacements.diffusion()[0].mean.n_eff, 0);
}

TEST_F(Walk, OfManyFramesKeepsAHundred) {
  start(10);
  Displacements displacements(frame, {1, 3}, 1000, 0.01);
  for (int i = 0; i < 2000; ++i) {
    displacements.add(0, frame);
    step(0.01, 0.01);
  }
  EXPECT_EQ(displacements.times().size(), 51);
  EXPECT_NEAR(displacements.times()[1], 0.1, 1e-12);
}

}  // namespace
}  // namespace twin::md::displacements_test
