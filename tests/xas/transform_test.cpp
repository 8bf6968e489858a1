// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "xas/bands.h"

namespace twin::xas {
namespace {

using Eigen::VectorXd;

VectorXd wave(double r) { return (2 * r * k_grid(321).array()).sin(); }

TEST(Window, IsOneInsideAndZeroOutside) {
  const VectorXd k = k_grid(401);
  for (const char* name : {"hanning", "parzen", "welch"}) {
    const VectorXd w = window(k, 3, 12, 1, name);
    EXPECT_EQ(w[k.size() - 1], 0) << name;
    EXPECT_EQ(w[40], 0) << name;   // k = 2
    EXPECT_EQ(w[150], 1) << name;  // k = 7.5
    EXPECT_NEAR(w.minCoeff(), 0, 1e-15) << name;
    EXPECT_NEAR(w.maxCoeff(), 1, 1e-15) << name;
  }
  // Half way up: sin² and the line are one half where the taper is centred, on kmin and kmax.
  EXPECT_NEAR(window(k, 3, 12, 1, "hanning")[60], 0.5, 1e-12);
  EXPECT_NEAR(window(k, 3, 12, 1, "parzen")[240], 0.5, 1e-12);
}

TEST(Window, KaiserAndSineAreSymmetric) {
  const VectorXd k = k_grid(401);
  for (const char* name : {"kaiser", "sine", "gaussian"}) {
    const VectorXd w = window(k, 4, 12, 2, name);
    for (int i = 0; i < 70; ++i) EXPECT_NEAR(w[160 + i], w[160 - i], 1e-12) << name;
    EXPECT_NEAR(w[160], 1, 1e-12) << name;
  }
}

TEST(Window, AnUnknownNameIsCorrected) {
  try {
    (void)window(k_grid(100), 1, 4, 1, "haning");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    EXPECT_THAT(error.what(), testing::HasSubstr("perhaps hanning"));
  }
  EXPECT_THROW((void)window(k_grid(100), 4, 4, 1, "hanning"), Error);
}

TEST(Transform, PeaksAtTheDistance) {
  for (const double r : {1.5, 2.5, 4.0}) {
    const Transform t = forward_transform(wave(r), 3, 15, 1, 0, "hanning");
    Eigen::Index at = 0;
    t.chi.cwiseAbs().maxCoeff(&at);
    EXPECT_NEAR(t.r[at], r, rstep / 2);
  }
  EXPECT_NEAR(forward_transform(wave(2), 3, 15, 1, 2, "hanning").r[1], 0.030679616, 1e-9);
}

TEST(Transform, IsTheIntegralOfTheWindowAtItsPeak) {
  // χ = sin(2kR) at R: kstep/√π Σ Ω sin(2kR) exp(-2ikR) → -i/2 · kstep/√π · ΣΩ and a fast rest.
  const double r = 100 * rstep;
  const Transform t = forward_transform(wave(r), 3, 15, 1, 0, "hanning");
  const double area = window(k_grid(400), 3, 15, 1, "hanning").sum();
  EXPECT_NEAR(std::abs(t.chi[100]), 0.5 * kstep * std::numbers::inv_sqrtpi * area,
              0.02);  // the rest: 0.5 %
}

TEST(Transform, ObeysParseval) {
  const Transform t = forward_transform_to(40, wave(2.2), 3, 15, 1, 2, "hanning");
  const VectorXd k = k_grid(321);
  const VectorXd weighted =
      wave(2.2).cwiseProduct(k.cwiseAbs2()).cwiseProduct(window(k, 3, 15, 1, "hanning"));
  // Σ over all 2048 points is kstep²/π · 2048 Σ χ²; half of them are here, R = 0 counting whole.
  const double in_r = (t.chi.squaredNorm() - 0.5 * std::norm(t.chi[0])) * rstep;
  EXPECT_NEAR(in_r, 0.5 * kstep * weighted.squaredNorm(), 1e-6 * in_r);
}

TEST(Transform, IsLinear) {
  const Transform a = forward_transform(wave(2), 3, 12, 1, 1, "kaiser"),
                  b = forward_transform(wave(3), 3, 12, 1, 1, "kaiser"),
                  both = forward_transform(2 * wave(2) - wave(3), 3, 12, 1, 1, "kaiser");
  EXPECT_LT((2 * a.chi - b.chi - both.chi).cwiseAbs().maxCoeff(), 1e-13);
}

TEST(Transform, PointsBeyondTheWindowDoNotCount) {
  VectorXd long_one = wave(2);
  long_one.tail(20).setConstant(5);  // k > 15
  const Transform a = forward_transform(long_one, 3, 13, 1, 2, "hanning");
  const Transform b = forward_transform(wave(2).head(290), 3, 13, 1, 2, "hanning");
  EXPECT_LT((a.chi - b.chi).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(Transform, RefusesWhatIsNotFinite) {
  VectorXd chi = wave(2);
  chi[3] = NAN;
  EXPECT_THROW((void)forward_transform(chi, 3, 12, 1, 2, "hanning"), Error);
  EXPECT_THROW((void)forward_transform(VectorXd::Zero(3000), 3, 12, 1, 2, "hanning"), Error);
}

TEST(Bands, RmsIsTheRootOfTheMeanSquare) {
  Transform t{VectorXd::LinSpaced(5, 0, 4), Eigen::VectorXcd(5)};
  t.chi << 9, std::complex<double>(3, 4), 1, 0, 9;
  EXPECT_DOUBLE_EQ(band_rms(t, 1, 3), std::sqrt(26.0 / 3));
  EXPECT_THROW((void)band_rms(t, 1.2, 1.8), Error);
}

TEST(Bands, NoiseOfWhiteNoiseIsReturned) {
  // 4000 spectra would be needed for 1 %; the mean of 50 estimates of a fixed generator is good to
  // 3 %.
  record::FitSettings settings;
  settings.kmax = 14;
  unsigned state = 1;
  const auto uniform = [&state] {
    return (state = state * 1664525u + 1013904223u) / 4294967296.0 - 0.5;
  };
  double mean = 0;
  for (int i = 0; i < 50; ++i) {
    VectorXd chi(321);
    for (double& value : chi) value = 1e-3 * std::sqrt(12.0) * uniform();
    mean += epsilon_k(chi, settings, 2) / 50;
  }
  // The flanks of the window weigh a little less than its area says: 1 % here.
  EXPECT_NEAR(mean, 1e-3, 5e-5);
  EXPECT_GT(epsilon_ratio(settings, 1), epsilon_ratio(settings, 2));
}

}  // namespace
}  // namespace twin::xas
