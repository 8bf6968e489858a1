// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/deglitch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "core/error.h"
#include "xas/oracle.h"
#include "xas/spectrum.h"

namespace twin::xas::deglitch_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using testing::IsEmpty;

record::DeglitchSettings defaults() { return {}; }

std::pair<VectorXd, VectorXd> noisy(double noise, unsigned seed) {
  auto [energy, mu] = spectrum::make();
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, noise);
  for (double& y : mu) y += normal(random);
  return {energy, mu};
}

TEST(Deglitch, LeavesASmoothSpectrumAlone) {
  for (const double width : {0.3, 1.0, 3.0}) {  // an edge within a point too
    const auto [energy, mu] = spectrum::make({.wave = 0, .width = width});
    const Deglitched out = deglitch(energy, mu, defaults());
    EXPECT_THAT(out.glitches, IsEmpty()) << width;
    EXPECT_EQ(kept(out, energy), energy);
  }
}

TEST(Deglitch, TakesSpikesOutAndSaysSo) {
  for (const int wide : {1, 2, 3}) {
    auto [energy, mu] = noisy(1e-3, 3);
    const Index at = 180;
    for (Index i = 0; i < wide; ++i) mu[at + i] += i == 1 ? 0.08 : 0.05;
    const Deglitched out = deglitch(energy, mu, defaults());
    ASSERT_EQ(out.glitches.size(), 1u) << wide;
    const Glitch& glitch = out.glitches[0];
    EXPECT_EQ(glitch.points, wide);
    EXPECT_EQ(glitch.from, energy[at]);
    EXPECT_EQ(glitch.to, energy[at + wide - 1]);
    EXPECT_EQ(glitch.energy, energy[at + (wide > 1 ? 1 : 0)]);
    EXPECT_GT(glitch.size, 20);
    EXPECT_EQ(static_cast<Index>(out.kept.size()), energy.size() - wide);
    EXPECT_EQ(kept(out, energy)[at], energy[at + wide]);
  }
}

TEST(Deglitch, WiderOnesStay) {
  auto [energy, mu] = noisy(1e-3, 3);
  mu.segment(180, 4).array() += 0.05;
  EXPECT_THAT(deglitch(energy, mu, defaults()).glitches, IsEmpty());
  record::DeglitchSettings wide;
  wide.widest = 4;
  EXPECT_EQ(deglitch(energy, mu, wide).glitches.size(), 1u);
}

TEST(Deglitch, NoiseIsNoGlitch) {
  int found = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto [energy, mu] = noisy(0.01, seed);
    found += static_cast<int>(deglitch(energy, mu, defaults()).glitches.size());
  }
  EXPECT_LE(found, 2);  // of 14000 points
}

// A white line of three points at half its height, a step between two points, a jump that stays.
TEST(Deglitch, SharpFeaturesStay) {
  const VectorXd energy = VectorXd::LinSpaced(200, 2440, 2540);
  const VectorXd line = energy.unaryExpr([](double e) {
    const double t = (e - 2482) / 0.75;
    return 4 / (1 + t * t) + (e > 2481 ? 1.0 : 0.0) + 1e-3 * std::sin(e);
  });
  EXPECT_THAT(deglitch(energy, line, defaults()).glitches, IsEmpty());
  VectorXd jump = 1e-3 * energy.array().sin();
  jump.tail(80).array() += 1;
  EXPECT_THAT(deglitch(energy, jump, defaults()).glitches, IsEmpty());
}

// µ of three digits: a value that changes by one of them is no spike.
TEST(Deglitch, DigitsAreNoGlitches) {
  auto [energy, mu] = spectrum::make({.wave = 0, .width = 3});
  for (double& y : mu) y = std::round(y * 1e3) / 1e3;
  EXPECT_THAT(deglitch(energy, mu, defaults()).glitches, IsEmpty());
  mu[180] += 0.05;
  EXPECT_EQ(deglitch(energy, mu, defaults()).glitches.size(), 1u);
}

TEST(Deglitch, StatedRangesGoWhateverTheyHold) {
  const auto [energy, mu] = spectrum::make();
  record::DeglitchSettings settings;
  settings.automatic = false;
  settings.remove = {{9100, 9110}, {20000, 20010}};
  const Deglitched out = deglitch(energy, mu, settings);
  ASSERT_EQ(out.glitches.size(), 1u);
  EXPECT_TRUE(out.glitches[0].stated);
  EXPECT_EQ(static_cast<Index>(out.kept.size()), energy.size() - out.glitches[0].points);
  for (const double e : kept(out, energy)) EXPECT_FALSE(e >= 9100 && e <= 9110);
}

TEST(Deglitch, NotAutomaticIsNot) {
  auto [energy, mu] = spectrum::make();
  mu[180] += 0.5;
  record::DeglitchSettings settings;
  settings.automatic = false;
  EXPECT_THAT(deglitch(energy, mu, settings).glitches, IsEmpty());
}

TEST(Deglitch, HostileInput) {
  const auto [energy, mu] = spectrum::make();
  VectorXd bad = mu;
  bad[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(deglitch(energy, bad, defaults())), Error);
  EXPECT_THROW(static_cast<void>(deglitch(energy, mu.head(9), defaults())), Error);
  record::DeglitchSettings settings;
  settings.threshold = 0;
  EXPECT_THROW(static_cast<void>(deglitch(energy, mu, settings)), Error);
  settings = {};
  settings.remove = {{0, 1e6}};
  EXPECT_THROW(static_cast<void>(deglitch(energy, mu, settings)), Error);
  settings.remove = {{10, 5}};
  EXPECT_THROW(static_cast<void>(deglitch(energy, mu, settings)), Error);
  const VectorXd one = VectorXd::Ones(1), none, flat = VectorXd::Ones(energy.size());
  EXPECT_EQ(deglitch(one, one, defaults()).kept.size(), 1u);
  EXPECT_TRUE(deglitch(none, none, defaults()).kept.empty());
  EXPECT_THAT(deglitch(energy, flat, defaults()).glitches, IsEmpty());
  const VectorXd same = VectorXd::Constant(energy.size(), 7000.0);  // an axis that stands still
  EXPECT_NO_THROW(static_cast<void>(deglitch(same, mu, defaults())));
}

// White lines of S, Cl and Ce, pre-edge peaks of Ti and V, edges of metals: nothing from 30 eV
// below to 20 eV above an edge is a glitch, in 80 measured spectra; in all, few points are.
TEST(Deglitch, MeasuredEdgesStay) {
  SKIP_WITHOUT_ORACLE();
  int spectra = 0;
  Index points = 0, taken = 0;
  for (const auto& [name, answer] : oracle::answers().at("spectra").items()) {
    const auto data = oracle::curve(name, "mu");
    const Deglitched out = deglitch(data.col(0), data.col(1), defaults());
    const double e0 = answer.at("pre_edge_default").at("e0");
    for (const Glitch& glitch : out.glitches)
      EXPECT_TRUE(glitch.energy < e0 - 30 || glitch.energy > e0 + 20) << name << glitch.energy;
    points += data.rows();
    taken += data.rows() - static_cast<Index>(out.kept.size());
    ++spectra;
  }
  EXPECT_GT(spectra, 70);
  EXPECT_LT(static_cast<double>(taken), 1e-3 * static_cast<double>(points));
}

// One bad point in a gold spectrum; two in that of PbTiO3; one of the crystal at 5379.6 eV in three
// repeats alike.
TEST(Deglitch, MeasuredGlitchesAreFound) {
  SKIP_WITHOUT_ORACLE();
  for (const auto& [name, energy] : {std::pair{"cyanobacteria.prj::d_7_03", 12763.8},
                                     {"PbTiO3_TiK_450K.dat", 5316.8},
                                     {"ybco_BaL3/bal3_010.dat", 5379.6},
                                     {"ybco_BaL3/bal3_011.dat", 5379.6},
                                     {"ybco_BaL3/bal3_012.dat", 5379.6}}) {
    const auto data = oracle::curve(name, "mu");
    const Deglitched out = deglitch(data.col(0), data.col(1), defaults());
    ASSERT_EQ(out.glitches.size(), 1u) << name;
    EXPECT_NEAR(out.glitches[0].energy, energy, 0.1) << name;
  }
}

}  // namespace
}  // namespace twin::xas::deglitch_test
