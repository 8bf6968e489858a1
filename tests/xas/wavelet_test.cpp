// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/wavelet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "core/error.h"
#include "xas/transform.h"

namespace twin::xas::wavelet_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

VectorXd wave(double r, double centre, double width, Index n = 401) {
  const Eigen::ArrayXd k = k_grid(n).array();
  return (2 * r * k).sin() * (-((k - centre) / width).square() / 2).exp();
}

// The definition, summed term by term: W(k, R) over the 2048 positive frequencies of 4096.
std::complex<double> by_definition(const VectorXd& chi, double r, double k, double n) {
  const double step = 2 * std::numbers::pi / (4096 * kstep), a = n / (2 * r);
  std::complex<double> out = 0;
  for (int j = 1; j < 2048; ++j) {
    const double omega = step * j;
    std::complex<double> x = 0;
    for (Index i = 0; i < chi.size(); ++i)
      x += chi[i] * std::polar(1.0, -omega * kstep * static_cast<double>(i));
    const double filter =
        std::log(2 * std::numbers::pi) - std::lgamma(n + 1) + n * std::log(a * omega) - a * omega;
    out += std::exp(filter) * x * std::polar(1.0, omega * k);
  }
  return out / 4096.0;
}

TEST(Wavelet, IsTheSumThatDefinesIt) {
  const VectorXd chi = wave(2.2, 7, 2, 241);
  const Wavelet out = cauchy_wavelet(chi, 0, 4.0);  // 130 distances
  ASSERT_EQ(out.r.size(), 130);
  EXPECT_EQ(out.r[129], 4.0);
  const double height = out.chi.cwiseAbs().maxCoeff();
  for (const Index j : {1, 5, 20, 45, 71, 72, 100, 129})  // transforms of every length
    for (const Index i : {0, 60, 140, 240})
      EXPECT_NEAR(std::abs(out.chi(i, j) - by_definition(chi, out.r[j], out.k[i], 130.0)), 0,
                  1e-13 * height)  // rounding of the exponent, about 500, of the filter
          << j << ' ' << i;
}

TEST(Wavelet, PeaksWhereTheWaveIs) {
  for (const double r : {1.6, 3.2, 6.0})
    for (const double centre : {6.0, 12.0}) {
      const Wavelet out = cauchy_wavelet(wave(r, centre, 2));
      Index i = 0, j = 0;
      out.chi.cwiseAbs().maxCoeff(&i, &j);
      EXPECT_NEAR(out.r[j], r, 0.04);  // the filter is steeper below than above: a point or so
      EXPECT_NEAR(out.k[i], centre, 0.1);
    }
}

TEST(Wavelet, TellsTwoNeighboursAtOneDistanceApart) {
  const VectorXd chi = wave(6.0, 4, 1) + wave(6.0, 14, 1);  // the resolution in k is 9/6
  const Wavelet out = cauchy_wavelet(chi);
  const auto at = static_cast<Index>(std::lround(6.0 / out.r[1]));
  const VectorXd ridge = out.chi.col(at).cwiseAbs();
  EXPECT_LT(ridge[180], 0.2 * ridge[80]);  // k = 9 between 4 and 14
  EXPECT_LT(ridge[180], 0.2 * ridge[280]);
}

TEST(Wavelet, IsLinearAndNothingAtZero) {
  const VectorXd a = wave(2, 6, 2), b = wave(4, 9, 2);
  const Eigen::MatrixXcd both = cauchy_wavelet(2 * a - b, 1, 6).chi,
                         apart = 2 * cauchy_wavelet(a, 1, 6).chi - cauchy_wavelet(b, 1, 6).chi;
  EXPECT_LT((both - apart).cwiseAbs().maxCoeff(), 1e-13 * both.cwiseAbs().maxCoeff());
  EXPECT_EQ(both.col(0).cwiseAbs().maxCoeff(), 0);
}

TEST(Wavelet, WeightsByPowersOfK) {
  const VectorXd chi = wave(2, 6, 2), k = k_grid(chi.size());
  EXPECT_EQ(cauchy_wavelet(chi, 3, 4).chi,
            cauchy_wavelet(chi.array() * k.array().pow(3.0), 0, 4).chi);
}

TEST(Wavelet, ALongSpectrumIsCutAt1024Points) {
  VectorXd chi = wave(2, 6, 2, 1200), cut = chi;
  chi.tail(100).setConstant(1);
  EXPECT_EQ(cauchy_wavelet(chi, 0, 4).chi, cauchy_wavelet(cut, 0, 4).chi);
}

TEST(Wavelet, RefusesWhatItCantTransform) {
  VectorXd chi = wave(2, 6, 2);
  EXPECT_THROW(static_cast<void>(cauchy_wavelet(chi.head(1))), Error);
  EXPECT_THROW(static_cast<void>(cauchy_wavelet(VectorXd::Zero(2049))), Error);
  EXPECT_THROW(static_cast<void>(cauchy_wavelet(chi, 0, 0.01)), Error);
  EXPECT_THROW(static_cast<void>(cauchy_wavelet(chi, 0, 40)), Error);
  EXPECT_THROW(static_cast<void>(cauchy_wavelet(chi, 0, std::nan(""))), Error);
  chi[3] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(static_cast<void>(cauchy_wavelet(chi)), Error);
  EXPECT_EQ(cauchy_wavelet(VectorXd::Zero(50)).chi.cwiseAbs().maxCoeff(), 0);
}

}  // namespace
}  // namespace twin::xas::wavelet_test
