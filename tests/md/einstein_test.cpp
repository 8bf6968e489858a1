// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/einstein.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/constants.h"

namespace twin::md::einstein_test {
namespace {

TEST(Einstein, TemperaturesAreInverse) {
  for (const double theta : {100.0, 248.0, 1000.0})
    for (const double t : {0.2 * theta, theta, 5 * theta})
      EXPECT_NEAR(quantum_temperature(classical_temperature(t, theta), theta), t, 1e-9 * t);
}

TEST(Einstein, LimitsAreZeroPointAndClassical) {
  EXPECT_DOUBLE_EQ(classical_temperature(0, 240), 120);
  EXPECT_NEAR(classical_temperature(10, 240), 120, 1e-8);
  // (θ/2) coth(θ/2T) = T (1 + θ²/12T² - ...)
  EXPECT_NEAR(classical_temperature(2400, 240), 2400 * (1 + 0.01 / 12), 2400 * 1e-6);
  EXPECT_DOUBLE_EQ(classical_temperature(300, 0), 300);
}

TEST(Einstein, CopperAtRoomTemperatureIsFourToSixPercentWarmer) {
  const double theta = 240;
  EXPECT_GT(classical_temperature(295, theta) / 295, 1.04);
  EXPECT_LT(classical_temperature(295, theta) / 295, 1.06);
}

TEST(Einstein, BelowZeroPointMotionIsZeroKelvin) {
  EXPECT_EQ(quantum_temperature(119, 240), 0);
  EXPECT_EQ(quantum_temperature(120, 240), 0);
  EXPECT_GT(quantum_temperature(121, 240), 0);
}

TEST(Einstein, DerivativeIsThatOfTheFunction) {
  for (const double t : {30.0, 100.0, 295.0, 2000.0}) {
    const double h = 1e-3;
    const double numeric =
        (classical_temperature(t + h, 240) - classical_temperature(t - h, 240)) / (2 * h);
    EXPECT_NEAR(classical_per_quantum(t, 240), numeric, 1e-7);
  }
  EXPECT_EQ(classical_per_quantum(0, 240), 0);
  EXPECT_EQ(classical_per_quantum(0.1, 240), 0);
  EXPECT_EQ(classical_per_quantum(295, 0), 1);
}

TEST(Einstein, TemperatureOfAClassicalOscillator) {
  // σ² = k T / (µ ω²) with ω = k θ/ħ
  const double theta = 210, mass = 31.773, t = 400;
  const double sigma2 = hbar2_over_kb * t / (mass * theta * theta);
  EXPECT_NEAR(einstein_temperature(t, mass, sigma2), theta, 1e-10);
  EXPECT_EQ(einstein_temperature(t, mass, 0), 0);
}

}  // namespace
}  // namespace twin::md::einstein_test
