// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace twin::numeric::lanes_test {
namespace {

using Two = Lanes<2>;

TEST(Lanes, ExponentialIsThatOfTheLibrary) {
  for (double x = -699; x < 700; x += 0.0731) {
    const Two::Real given{x, -x};
    Two::Real out;
    exponential<Two>(given, out);
    EXPECT_NEAR(out[0] / std::exp(x), 1, 4e-16) << x;
    EXPECT_NEAR(out[1] / std::exp(-x), 1, 4e-16) << -x;
  }
}

TEST(Lanes, ExponentialStaysFinite) {
  const Two::Real given{1e5, -std::numeric_limits<double>::infinity()};
  Two::Real out;
  exponential<Two>(given, out);
  EXPECT_NEAR(out[0] / std::exp(700.0), 1, 1e-15);
  EXPECT_NEAR(out[1] / std::exp(-700.0), 1, 1e-15);
  exponential<Two>(Two::Real{std::nan(""), 0}, out);
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[1], 1);
}

TEST(Lanes, SineAndCosineAreThoseOfTheLibrary) {
  for (double x = -300; x < 300; x += 0.0173) {
    Two::Real sine, cosine;
    sine_cosine<Two>(Two::Real{x, 300 * x}, sine, cosine);
    EXPECT_NEAR(sine[0], std::sin(x), 3e-16) << x;
    EXPECT_NEAR(cosine[0], std::cos(x), 3e-16) << x;
    EXPECT_NEAR(sine[1], std::sin(300 * x), 3e-16) << 300 * x;
    EXPECT_NEAR(cosine[1], std::cos(300 * x), 3e-16) << 300 * x;
  }
}

TEST(Lanes, WidestIsAWidthThatThereIs) {
  EXPECT_TRUE(widest() == 2 || widest() == 4 || widest() == 8) << widest();
}

}  // namespace
}  // namespace twin::numeric::lanes_test
