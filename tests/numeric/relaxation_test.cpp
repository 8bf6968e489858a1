// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/relaxation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "numeric/series.h"

namespace twin::numeric::relaxation_test {
namespace {

std::vector<double> dying(std::size_t n, double size, double lifetime, double phi, unsigned seed) {
  auto series = autoregressive(n, phi, seed);
  for (std::size_t i = 0; i < n; ++i)
    series[i] = 5 + std::sqrt(1 - phi * phi) * series[i] +
                size * std::exp(-static_cast<double>(i) / lifetime);
  return series;
}

const Relaxation& best(const Relaxations& fits) {
  const Relaxation* found = &fits.all.front();
  for (const Relaxation& one : fits.all)
    if (std::abs(one.amplitude) / one.sigma > std::abs(found->amplitude) / found->sigma)
      found = &one;
  return *found;
}

TEST(Relaxations, LifetimesAreAFactorOfRootTwoApart) {
  const auto fits = relaxations(dying(640, 3, 80, 0.5, 1));
  ASSERT_EQ(fits.all.size(), 11U);
  EXPECT_NEAR(fits.all.front().lifetime, 20, 1e-9);
  EXPECT_NEAR(fits.all.back().lifetime, 640, 1e-9);
}

TEST(Relaxations, FindTheAmplitudeWithinItsError) {
  // The truth's lifetime is one of those tried: the fit is linear, and its error is the whole of
  // it.
  int inside = 0;
  constexpr int runs = 1000;
  for (unsigned seed = 0; seed < runs; ++seed) {
    const Relaxation fit = relaxations(dying(640, 3, 80, std::exp(-0.5), seed)).all[4];
    ASSERT_NEAR(fit.lifetime, 80, 1e-9);
    inside += std::abs(fit.amplitude - 3) < 2 * fit.sigma;
  }
  EXPECT_NEAR(static_cast<double>(inside) / runs, 0.954, 0.03);
}

TEST(Relaxations, OfNoiseAreSeldomSeen) {
  int seen = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const auto fits = relaxations(dying(640, 0, 80, std::exp(-0.5), seed));
    const Relaxation& fit = best(fits);
    seen += std::abs(fit.amplitude) > 3.3 * fit.sigma;
  }
  EXPECT_LT(seen, 20);  // 1 in 1000 at one lifetime; eleven that resemble each other: a few
}

TEST(Relaxations, MeanIsThatOfTheExponential) {
  const Relaxation one{2, 0, 50};
  double sum = 0;
  for (int t = 30; t < 130; ++t) sum += 2 * std::exp(-t / 50.0);
  EXPECT_NEAR(one.mean(30, 100), sum / 100, 1e-12);
}

TEST(Relaxations, OfFewOrEqualValuesAreNone) {
  EXPECT_TRUE(relaxations(std::vector(19, 1.0)).all.empty());
  EXPECT_TRUE(relaxations(std::vector(100, 1.0)).all.empty());
}

}  // namespace
}  // namespace twin::numeric::relaxation_test
