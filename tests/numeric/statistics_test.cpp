// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/error.h"
#include "numeric/series.h"

namespace twin::numeric::statistics_test {
namespace {

TEST(ChiSquared, OfTwoDegreesIsAnExponential) {
  for (const double chi2 : {0.0, 0.5, 4.1, 30.0})
    EXPECT_NEAR(chi_squared_survival(chi2, 2), std::exp(-chi2 / 2), 1e-14);
}

TEST(ChiSquared, TablesOfTheFivePercentPoint) {  // Abramowitz & Stegun, table 26.8
  EXPECT_NEAR(chi_squared_survival(3.84146, 1), 0.05, 1e-6);
  EXPECT_NEAR(chi_squared_quantile(0.05, 1), 3.84146, 1e-5);
  EXPECT_NEAR(chi_squared_survival(11.0705, 5), 0.05, 1e-6);
}

TEST(ChiSquared, NotANumberStaysOne) {
  EXPECT_TRUE(std::isnan(chi_squared_survival(std::numeric_limits<double>::quiet_NaN(), 3)));
}

TEST(Normal, QuantileAndTailAreInverse) {
  EXPECT_NEAR(normal_two_sided(1.959963984540054), 0.05, 1e-14);
  for (const double p : {1e-12, 0.003, 0.05, 0.5, 1.0})
    EXPECT_NEAR(normal_two_sided(normal_two_sided_quantile(p)), p, 1e-10 * p);
}

TEST(Student, OfOneDegreeIsCauchyAndOfManyIsNormal) {
  for (const double t : {-3.0, 0.0, 0.7, 12.7})
    EXPECT_NEAR(student_two_sided(t, 1), 1 - 2 / M_PI * std::atan(std::abs(t)), 1e-12);
  EXPECT_NEAR(student_two_sided(2, 1e9), normal_two_sided(2), 1e-8);
}

TEST(Holm, WorkedByHand) {
  const auto adjusted = holm(std::vector{0.01, 0.04, 0.03, 0.005});
  const std::vector expected{0.03, 0.06, 0.06, 0.02};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-15);
}

TEST(Holm, NeverAboveOneAndEmptyStaysEmpty) {
  EXPECT_EQ(holm(std::vector{0.9, 0.8}), (std::vector{1.0, 1.0}));
  EXPECT_TRUE(holm(std::vector<double>{}).empty());
}

TEST(StatisticalInefficiency, OfAnAutoregressiveSeriesIsTheClosedForm) {
  for (const double phi : {0.0, 0.5, 0.9}) {
    const double expected = (1 + phi) / (1 - phi);
    // 40 000 points: the estimator scatters by about 6 % at φ = 0.9; the cut biases it by as much.
    EXPECT_NEAR(statistical_inefficiency(autoregressive(40000, phi, 7)), expected, 0.2 * expected);
  }
}

TEST(StatisticalInefficiency, OfDegenerateSeriesIsOne) {
  EXPECT_EQ(statistical_inefficiency(std::vector<double>{}), 1);
  EXPECT_EQ(statistical_inefficiency(std::vector{3.0}), 1);
  EXPECT_EQ(statistical_inefficiency(std::vector(100, 3.0)), 1);
  EXPECT_EQ(statistical_inefficiency(std::vector{1.0, -1.0, 1.0, -1.0}), 1);
}

TEST(Mser5, CutsATransientAndNothingElse) {
  auto series = autoregressive(1000, 0.5, 3);
  EXPECT_LT(mser5(series), 250U);
  for (std::size_t i = 0; i < series.size(); ++i)
    series[i] += 20 * std::exp(-static_cast<double>(i) / 30);
  const std::size_t cut = mser5(series);
  EXPECT_GE(cut, 60U);   // two decay times: 20 e⁻² = 2.7 is twice the scatter
  EXPECT_LE(cut, 350U);  // eleven decay times: nothing is left of it
}

TEST(Mser5, AgreesWithTheDefinition) {
  const auto series = autoregressive(203, 0.8, 11);
  std::vector<double> means;
  for (std::size_t b = 0; b + 5 <= series.size(); b += 5)
    means.push_back((series[b] + series[b + 1] + series[b + 2] + series[b + 3] + series[b + 4]) /
                    5);
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t d = 0; d <= means.size() / 2; ++d) {
    double mean = 0, squares = 0;
    const auto n = static_cast<double>(means.size() - d);
    for (std::size_t b = d; b < means.size(); ++b) mean += means[b] / n;
    for (std::size_t b = d; b < means.size(); ++b) squares += (means[b] - mean) * (means[b] - mean);
    if (squares / (n * n) < least) {
      least = squares / (n * n);
      best = d;
    }
  }
  EXPECT_EQ(mser5(series), 5 * best);
}

TEST(Mser5, CutsAtMostHalfAndNothingOfShortSeries) {
  std::vector<double> ramp(500);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<double>(i);
  EXPECT_EQ(mser5(ramp), 250U);
  EXPECT_EQ(mser5(std::vector{1.0, 2.0, 3.0}), 0U);
}

TEST(Jackknife, OfAMeanIsItsStandardError) {
  const Eigen::VectorXd x = (Eigen::VectorXd(6) << 1, 4, 2, 8, 5, 7).finished();
  Eigen::MatrixXd delete_one(6, 2);
  for (int i = 0; i < 6; ++i) {
    delete_one(i, 0) = (x.sum() - x[i]) / 5;
    delete_one(i, 1) = -2 * delete_one(i, 0);
  }
  const Eigen::MatrixXd covariance = jackknife_covariance(delete_one);
  const double expected = (x.array() - x.mean()).square().sum() / 5 / 6;
  EXPECT_NEAR(covariance(0, 0), expected, 1e-14);
  EXPECT_NEAR(covariance(0, 1), -2 * expected, 1e-14);
  EXPECT_NEAR(covariance(1, 1), 4 * expected, 1e-14);
}

class Noise : public ::testing::Test {
 protected:
  void SetUp() override {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal(0, 0.01);
    for (int i = 0; i < 2000; ++i) {
      x.push_back(0.05 * i + (i % 3 == 0 ? 0.01 : 0.0));  // a grid that is not even
      y.push_back(std::sin(x.back() / 3) + 0.1 * x.back() + normal(random));
    }
  }
  std::vector<double> x, y;
};

TEST_F(Noise, IsFoundOnACurve) { EXPECT_NEAR(noise_by_differences(x, y, 0, 100), 0.01, 0.0008); }

TEST_F(Noise, DoesNotSeeOutliersOrWhatLiesOutside) {
  for (std::size_t i = 0; i < y.size(); i += 100) y[i] += 50;
  for (std::size_t i = 0; i < 400; ++i) y[i] = i % 2 ? 1e3 : -1e3;  // x < 20
  EXPECT_NEAR(noise_by_differences(x, y, 25, 100), 0.0105, 0.001);
}

TEST_F(Noise, ScalesWithTheOrdinateAndNotWithTheAbscissa) {
  const double before = noise_by_differences(x, y, 0, 100);
  for (double& value : y) value *= 4;
  for (double& value : x) value *= 10;
  EXPECT_NEAR(noise_by_differences(x, y, 0, 1000), 4 * before, 1e-12);
}

TEST_F(Noise, OfTooFewPointsIsAnError) {
  try {
    (void)noise_by_differences(x, y, 0, 0.3);
    FAIL() << "seven points were enough";
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::data);
  }
}

}  // namespace
}  // namespace twin::numeric::statistics_test
