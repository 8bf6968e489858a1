// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/correlated.h"

#include <gtest/gtest.h>

#include <cmath>

#include "numeric/series.h"

namespace twin::numeric::correlated_test {
namespace {

using Series = std::vector<std::vector<double>>;

Series without_mean(Series series) {
  double sum = 0, count = 0;
  for (const auto& one : series)
    for (const double x : one) {
      sum += x;
      ++count;
    }
  for (auto& one : series)
    for (double& x : one) x -= sum / count;
  return series;
}

TEST(Autocovariance, OfAnAutoregressiveSeriesIsTheClosedForm) {
  for (const double phi : {0.0, 0.5, 0.9}) {
    const auto all = autocovariance(
        without_mean({autoregressive(20000, phi, 7), autoregressive(20000, phi, 8)}));
    const double variance = 1 / (1 - phi * phi);
    EXPECT_NEAR(all.at[0], variance, 0.1 * variance);
    // Σ γ = 1/(1-φ)²; the window of 90 lags of 40 000 at φ = 0.9 scatters by 8 %.
    EXPECT_NEAR(all.sum(), 1 / std::pow(1 - phi, 2), 0.25 / std::pow(1 - phi, 2));
    EXPECT_GT(all.dof, 100);
  }
}

TEST(Autocovariance, OfWhiteNoiseIsItsVariance) {
  const auto all = autocovariance(without_mean({autoregressive(400, 0, 3)}));
  EXPECT_EQ(all.at.size(), 1U);
  EXPECT_EQ(all.sum(), all.at[0]);
  EXPECT_EQ(all.dof, 399);
}

TEST(Autocovariance, OfDegenerateSeriesIsNothing) {
  EXPECT_EQ(standard_error(autocovariance({}), 1), 0);
  EXPECT_EQ(standard_error(autocovariance({{}, {}}), 1), 0);
  EXPECT_EQ(standard_error(autocovariance({{0.0}}), 1), 0);
  EXPECT_EQ(standard_error(autocovariance({std::vector(100, 0.0)}), 100), 0);
}

TEST(Autocovariance, OfValuesThatAlternateIsNotBelowTheirVariance) {
  std::vector<double> series;
  for (int i = 0; i < 200; ++i) series.push_back(i % 2 ? 1 : -1);
  const auto all = autocovariance({series});
  EXPECT_GE(all.sum(), all.at[0]);
}

TEST(StandardError, OfReplicasThatDisagreeSaysSo) {
  const auto near = without_mean({autoregressive(500, 0.5, 1), autoregressive(500, 0.5, 2)});
  auto apart = near;
  for (double& x : apart[0]) x += 2;
  apart = without_mean(apart);
  EXPECT_GT(standard_error(autocovariance(apart), 1000),
            3 * standard_error(autocovariance(near), 1000));
}

/// Of 2000 means of two replicas the share within \p deviates standard errors of the truth.
double coverage(std::size_t length, double phi, double deviates) {
  int inside = 0;
  constexpr int runs = 2000;
  for (unsigned seed = 0; seed < runs; ++seed) {
    const Series series{autoregressive(length, phi, 2 * seed),
                        autoregressive(length, phi, 2 * seed + 1)};
    double mean = 0;
    for (const auto& one : series)
      for (const double x : one) mean += x / static_cast<double>(2 * length);
    const double count = 2 * static_cast<double>(length);
    inside +=
        std::abs(mean) < deviates * standard_error(autocovariance(without_mean(series)), count);
  }
  return static_cast<double>(inside) / runs;
}

TEST(StandardError, CoversAsStated) {  // three binomial errors of 2000: 3.1 and 1.4 %
  for (const double phi : {0.0, std::exp(-0.5)}) {
    EXPECT_NEAR(coverage(400, phi, 1), 0.683, 0.031) << phi;
    EXPECT_NEAR(coverage(400, phi, 2), 0.954, 0.014) << phi;
  }
}

}  // namespace
}  // namespace twin::numeric::correlated_test
