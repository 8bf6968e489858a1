// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/thermal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/constants.h"
#include "core/error.h"
#include "message_of.h"
#include "xas/thermal_paths.h"

namespace twin::xas::thermal_test {
namespace {

using testing::HasSubstr;

TEST(Einstein, IsTheOscillatorAtBothEnds) {
  const ThermalPath path = thermal_path(copper_pair());
  const double reduced = path.masses[0] / 2, theta = 235;
  // Zero-point motion ħ²/(2 µ k θ); far above θ the classical ħ² T/(µ k θ²), less (θ/T)²/12 of it.
  EXPECT_NEAR(einstein(0, theta, path).sigma2, hbar2_over_kb / (2 * reduced * theta), 1e-15);
  const double classical = hbar2_over_kb * 23500 / (reduced * theta * theta);
  EXPECT_NEAR(einstein(23500, theta, path).sigma2 / classical, 1 + 1e-4 / 12, 1e-9);
}

TEST(Einstein, TakesTheReducedMassOfThePair) {
  ScatteringPath path = copper_pair();
  path.elements = {"Pb", "I"};
  const ThermalPath pair = thermal_path(path);
  // CIAAW: Pb 207.2, I 126.904
  EXPECT_NEAR(einstein(0, 100, pair).sigma2, hbar2_over_kb / 200 * (1 / 207.2 + 1 / 126.904),
              1e-6);  // tables of weights differ by 1e-4
}

TEST(Debye, IsTheIntegralOfSimpson) {
  const ThermalPath path = thermal_path(copper_pair());
  for (const double temperature : {10.0, 150.0, 300.0, 900.0}) {
    const double theta = 315, x = std::cbrt(4.5 * std::numbers::pi) / path.rnrmav * 2.5478;
    // For two atoms 3ħ²/(M k θ) ∫ (w - sin(wx)/x) coth(wθ/2T) dw
    const auto mode = [&](double w) {
      if (w == 0) return 0.0;
      return (w - std::sin(w * x) / x) / std::tanh(w * theta / (2 * temperature));
    };
    const int n = 2000;
    double sum = mode(1);
    for (int i = 1; i < n; ++i) sum += (i % 2 ? 4 : 2) * mode(static_cast<double>(i) / n);
    const double expected = 3 * hbar2_over_kb / (path.masses[0] * theta) * sum / (3 * n);
    // Simpson's rule of 2000 steps: 1e-9 where coth bends most, at 10 K.
    EXPECT_NEAR(debye(temperature, theta, path).sigma2 / expected, 1, 1e-8) << temperature;
  }
}

TEST(Debye, IsThatOfLarch) {
  // sigma2_correldebye_py of Larch 2026.3.1, FEFF's routine of old: Norman radius 1.3917 Å (1.9 Å),
  // masses 63.546, 207.2, 126.904. Its constants differ in the seventh digit.
  ThermalPath pair = thermal_path(copper_pair()), triangle = thermal_path(copper_triangle());
  pair.masses.setConstant(63.546);
  triangle.masses.setConstant(63.546);
  EXPECT_NEAR(debye(10, 315, pair).sigma2 / 0.0031597734627840106, 1, 1e-5);
  EXPECT_NEAR(debye(295, 315, pair).sigma2 / 0.008901349143581212, 1, 1e-5);
  EXPECT_NEAR(debye(900, 315, pair).sigma2 / 0.026009939947257987, 1, 1e-5);
  EXPECT_NEAR(debye(10, 315, triangle).sigma2 / 0.0035547451456320127, 1, 1e-5);
  EXPECT_NEAR(debye(295, 315, triangle).sigma2 / 0.010014017786528866, 1, 1e-5);
  pair.atoms(1, 0) = 3.2;
  pair.rnrmav = 1.9;
  pair.masses << 207.2, 126.904;
  EXPECT_NEAR(debye(20, 120, pair).sigma2 / 0.0032893799194275548, 1, 1e-5);
  EXPECT_NEAR(debye(300, 120, pair).sigma2 / 0.02266582822838971, 1, 1e-5);
}

TEST(Debye, OfFarAtomsIsTwiceTheirOwnMotion) {
  // Without correlation σ² = 2⟨u²⟩ = 3ħ²/(M k θ) (1/2 + ...): at 0 K 3ħ²/(2 M k θ).
  ScatteringPath far = copper_pair();
  far.atoms(1, 2) = 3e4;
  const ThermalPath path = thermal_path(far);
  EXPECT_NEAR(debye(0, 300, path).sigma2 / (1.5 * hbar2_over_kb / (path.masses[0] * 300)), 1, 1e-6);
  // Neighbours move together, so that theirs is less.
  EXPECT_LT(debye(0, 300, thermal_path(copper_pair())).sigma2, debye(0, 300, path).sigma2);
}

TEST(Debye, DoesNotChangeWhenThePathIsTurnedOrReversed) {
  ScatteringPath path = copper_triangle();
  const double before = debye(200, 315, thermal_path(path)).sigma2;
  EXPECT_GT(before, 0);
  Eigen::Matrix3d turn;
  turn << 0.36, 0.48, -0.8, -0.8, 0.6, 0, 0.48, 0.64, 0.6;
  path.atoms = (path.atoms * turn.transpose()).eval();
  EXPECT_NEAR(debye(200, 315, thermal_path(path)).sigma2, before, 1e-15);
  const Eigen::RowVector3d first = path.atoms.row(1);
  path.atoms.row(1) = path.atoms.row(2).eval();
  path.atoms.row(2) = first;
  EXPECT_NEAR(debye(200, 315, thermal_path(path)).sigma2, before, 1e-15);
}

TEST(Thermal, DerivativesAreThoseByDifferences) {
  const ThermalPath path = thermal_path(copper_triangle());
  for (const auto model : {einstein, debye})
    for (const double temperature : {8.0, 120.0, 700.0})
      for (const double theta : {90.0, 315.0}) {
        const Thermal out = model(temperature, theta, path);
        const double step = 1e-3;  // differences of second order: 1e-8 relative
        EXPECT_NEAR((model(temperature, theta + step, path).sigma2 -
                     model(temperature, theta - step, path).sigma2) /
                        (2 * step) / out.by_theta,
                    1, 1e-5);
        EXPECT_NEAR((model(temperature + step, theta, path).sigma2 -
                     model(temperature - step, theta, path).sigma2) /
                        (2 * step),
                    out.by_temperature, 1e-10);
      }
}

TEST(Thermal, IsContinuousTowardsZeroKelvin) {
  const ThermalPath path = thermal_path(copper_triangle());
  for (const auto model : {einstein, debye}) {
    EXPECT_NEAR(model(0.1, 300, path).sigma2 / model(0, 300, path).sigma2, 1, 1e-5);
    EXPECT_EQ(model(0, 300, path).by_temperature, 0);
  }
}

TEST(Thermal, OfNonsenseIsNoNumber) {
  const ThermalPath path = thermal_path(copper_pair());
  const double nan = std::nan("");
  for (const auto model : {einstein, debye}) {
    EXPECT_TRUE(std::isnan(model(-1, 300, path).sigma2));
    EXPECT_TRUE(std::isnan(model(300, 0, path).sigma2));
    EXPECT_TRUE(std::isnan(model(nan, 300, path).by_theta));
  }
}

TEST(Thermal, SaysWhatThePathDoesNotTell) {
  ScatteringPath path = copper_pair();
  path.rnrmav = 0;
  EXPECT_THAT(message_of([&] { (void)debye(300, 300, thermal_path(path)); }, Cause::configuration),
              HasSubstr("Norman radius"));
  path.elements.clear();
  EXPECT_THAT(message_of([&] { (void)thermal_path(path); }, Cause::configuration),
              HasSubstr("elements are not known"));
  path.elements = {"Cu", "Xx"};
  EXPECT_THAT(message_of([&] { (void)thermal_path(path); }, Cause::configuration),
              HasSubstr("no chemical symbol"));
}

}  // namespace
}  // namespace twin::xas::thermal_test
