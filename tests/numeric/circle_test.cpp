// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/circle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace twin::numeric {
namespace {

TEST(SineCosine, AreTheStandardOnes) {
  for (double x = -200; x < 200; x += 0.00317) {
    const SineCosine out = sine_cosine(x);
    ASSERT_NEAR(out.sine, std::sin(x), 3e-16) << x;
    ASSERT_NEAR(out.cosine, std::cos(x), 3e-16) << x;
  }
  for (double x = 1; x < 1e9; x *= 1.01) {
    ASSERT_NEAR(sine_cosine(x).sine, std::sin(x), 3e-16) << x;
    ASSERT_NEAR(sine_cosine(-x).cosine, std::cos(x), 3e-16) << x;
  }
}

TEST(SineCosine, AtTheEndsOfQuarters) {
  for (int n = -1000; n <= 1000; ++n)
    for (const double shift : {-1e-9, 0.0, 1e-9}) {
      const double x = n * std::acos(-1.0) / 4 + shift;
      ASSERT_NEAR(sine_cosine(x).sine, std::sin(x), 3e-16) << n;
      ASSERT_NEAR(sine_cosine(x).cosine, std::cos(x), 3e-16) << n;
    }
  EXPECT_EQ(sine_cosine(0).sine, 0);
  EXPECT_EQ(sine_cosine(0).cosine, 1);
}

TEST(SineCosine, OfWhatIsNoNumberIsNone) {
  EXPECT_TRUE(std::isnan(sine_cosine(std::numeric_limits<double>::quiet_NaN()).sine));
  EXPECT_TRUE(std::isnan(sine_cosine(std::numeric_limits<double>::infinity()).cosine));
}

}  // namespace
}  // namespace twin::numeric
