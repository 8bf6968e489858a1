// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/circle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace twin::numeric::circle_test {
namespace {

using Block = Eigen::Array<double, 4, 1>;

void expect_standard(double x) {
  const Block all(x, -x, x + 1, 0);
  Block sine, cosine;
  sine_cosine<4>(all, sine, cosine);
  for (int i = 0; i < 4; ++i) {
    ASSERT_NEAR(sine[i], std::sin(all[i]), 3e-16) << all[i];
    ASSERT_NEAR(cosine[i], std::cos(all[i]), 3e-16) << all[i];
  }
}

TEST(SineCosine, AreTheStandardOnes) {
  for (double x = 0; x < 200; x += 0.00317) expect_standard(x);
  for (double x = 1; x < 1e5; x *= 1.01) expect_standard(x);
}

TEST(SineCosine, AtTheEndsOfQuarters) {
  for (int n = -1000; n <= 1000; ++n)
    for (const double shift : {-1e-9, 0.0, 1e-9}) expect_standard(n * std::acos(-1.0) / 4 + shift);
}

TEST(SineCosine, OfWhatIsNoNumberIsNone) {
  Block sine, cosine;
  sine_cosine<4>({std::numeric_limits<double>::quiet_NaN(), 1, 2, 3}, sine, cosine);
  EXPECT_TRUE(std::isnan(sine[0]) && std::isnan(cosine[0]));
  EXPECT_NEAR(sine[1], std::sin(1.0), 3e-16);
}

}  // namespace
}  // namespace twin::numeric::circle_test
