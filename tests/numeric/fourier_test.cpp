// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/fourier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <thread>
#include <vector>

#include "core/error.h"

namespace twin::numeric::fourier_test {
namespace {

Eigen::VectorXd wiggles(Eigen::Index n) {
  Eigen::VectorXd x(n);
  for (Eigen::Index i = 0; i < n; ++i)
    x[i] = std::sin(0.7 * static_cast<double>(i)) + 0.1 * static_cast<double>(i % 7);
  return x;
}

TEST(Fourier, IsTheDefiningSum) {
  const Eigen::VectorXd x = wiggles(11);
  const int size = 24;
  const Eigen::VectorXcd y = real_transform(x, size);
  ASSERT_EQ(y.size(), 13);
  for (Eigen::Index j = 0; j < y.size(); ++j) {
    std::complex<double> sum = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i)
      sum += x[i] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(i * j) / size);
    EXPECT_LT(std::abs(y[j] - sum), 1e-13);
  }
}

TEST(Fourier, ObeysParseval) {
  const Eigen::VectorXd x = wiggles(500);
  const int size = 2048;
  const Eigen::VectorXcd y = real_transform(x, size);
  const double whole = 2 * y.squaredNorm() - std::norm(y[0]) - std::norm(y[size / 2]);
  EXPECT_NEAR(whole / size, x.squaredNorm(), 1e-11 * x.squaredNorm());
}

TEST(Fourier, InverseReturnsTheInput) {
  for (const int size : {30, 31, 2048}) {
    const Eigen::VectorXd x = wiggles(size);
    EXPECT_LT((inverse_real_transform(real_transform(x, size), size) - x).cwiseAbs().maxCoeff(),
              1e-13);
  }
}

TEST(Fourier, TheFirstPointsAreThoseOfTheWhole) {
  const Eigen::VectorXd x = wiggles(50);
  EXPECT_EQ(real_transform(x, 64, 20), real_transform(x, 64).head(20));
}

TEST(Fourier, HalfASpectrumGivesTheAnalyticSignal) {
  const Eigen::VectorXd x = wiggles(64);
  Eigen::VectorXcd half = 2 * real_transform(x, 64);
  half[0] /= 2;
  half[32] /= 2;
  const Eigen::VectorXcd y = inverse_transform(half, 64, 40);
  ASSERT_EQ(y.size(), 40);
  EXPECT_LT((y.real() - x.head(40)).cwiseAbs().maxCoeff(), 1e-13);
}

TEST(Fourier, MirroredConvolutionIsTheSumOverTheImages) {
  for (const Eigen::Index n : {1, 2, 3, 12, 53}) {
    const Eigen::VectorXd x = wiggles(static_cast<int>(n)),
                          kernel = wiggles(static_cast<int>(n + 1)).array().square();
    const Eigen::VectorXd y = MirroredConvolution(kernel)(x);
    ASSERT_EQ(y.size(), n);
    for (Eigen::Index j = 0; j < n; ++j) {
      double sum = 0;
      for (Eigen::Index s = j - n + 1; s <= j + n; ++s)
        sum += kernel[std::abs(j - s)] * x[s < 0 ? -s : (s < n ? s : 2 * n - 1 - s)];
      EXPECT_NEAR(y[j], sum, 1e-12 * (1 + std::abs(sum))) << n << ' ' << j;
    }
  }
}

TEST(Fourier, QuickLengthsHaveSmallFactors) {
  EXPECT_EQ(quick_length(1), 1);
  EXPECT_EQ(quick_length(7), 8);
  EXPECT_EQ(quick_length(97), 100);
  EXPECT_EQ(quick_length(2048), 2048);
}

TEST(Fourier, ThreadsDoNotDisturbEachOther) {
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&wrong, t] {
      for (int size = 64; size < 264; ++size) {
        const Eigen::VectorXd x = wiggles(size) * static_cast<double>(t + 1);
        const Eigen::VectorXd back = inverse_real_transform(real_transform(x, size), size);
        if ((back - x).cwiseAbs().maxCoeff() > 1e-12) ++wrong[t];
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Fourier, RefusesShapesThatDisagree) {
  EXPECT_THROW((void)real_transform(wiggles(5), 4), Error);
  EXPECT_THROW((void)inverse_real_transform(Eigen::VectorXcd::Zero(5), 10), Error);
  EXPECT_THROW((void)real_transform(wiggles(5), 8, 6), Error);
  EXPECT_THROW((void)inverse_transform(Eigen::VectorXcd::Zero(5), 4, 2), Error);
  EXPECT_THROW((void)inverse_transform(Eigen::VectorXcd::Zero(5), 8, 9), Error);
  EXPECT_THROW((void)MirroredConvolution(wiggles(1)), Error);
  EXPECT_THROW((void)MirroredConvolution(wiggles(6))(wiggles(6)), Error);
}

}  // namespace
}  // namespace twin::numeric::fourier_test
