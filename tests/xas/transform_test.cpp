// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "xas/bands.h"

namespace twin::xas::transform_test {
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

TEST(Window, BesselIsOnAPedestalThatKaiserTakesOff) {
  const VectorXd k = k_grid(401), raw = window(k, 4, 12, 3, "bessel");
  const double edge = 1 / std::cyl_bessel_i(0.0, 3.0);
  const VectorXd lowered = (raw.array() - edge) / (1 - edge);
  EXPECT_LT((lowered - window(k, 4, 12, 3, "kaiser")).segment(60, 200).cwiseAbs().maxCoeff(),
            1e-14);
  EXPECT_EQ(raw[50], 0);  // k = 2.5: the window begins there, and is zero on its ends
  EXPECT_GT(raw[51], edge);
  EXPECT_EQ(raw[270], 0);
}

TEST(Window, FractionalHanningTapersAShareOfTheRange) {
  const VectorXd k = k_grid(401);
  // dk = 0.4 of 3 .. 12: it begins at 3 - 0.2 and rises over 0.2 of 9; so at the other end.
  const VectorXd w = window(k, 3, 12, 0.4, "fhanning");
  EXPECT_EQ(w[56], 0);
  for (int i = 93; i < 208; ++i) EXPECT_EQ(w[i], 1) << i;
  EXPECT_NEAR(w[74], 0.5, 1e-12);
  for (int i = 0; i < 40; ++i)
    EXPECT_NEAR(w[56 + i], w[244 - i], 0.09) << i;  // a point of rounding
  EXPECT_EQ(w[244], std::pow(std::cos(std::numbers::pi / 2), 2));
}

TEST(Window, TapersMayDiffer) {
  const VectorXd k = k_grid(401);
  for (const char* name : {"hanning", "parzen", "welch"}) {
    const VectorXd both = window(k, 3, 12, 1, 3, name), narrow = window(k, 3, 12, 1, name),
                   wide = window(k, 3, 12, 3, name);
    EXPECT_EQ(both.head(150), narrow.head(150)) << name;
    EXPECT_EQ(both.tail(250), wide.tail(250)) << name;
    EXPECT_EQ(window(k, 3, 12, 2, 2, name), window(k, 3, 12, 2, name)) << name;
  }
  EXPECT_THROW(static_cast<void>(window(k, 3, 12, 1, -1, "hanning")), Error);
}

TEST(Window, StaysBetweenZeroAndOneWhateverIsAsked) {
  const VectorXd k = k_grid(300);
  for (const char* name :
       {"hanning", "fhanning", "kaiser", "parzen", "welch", "sine", "bessel", "gaussian"})
    for (const double kmin : {0.0, 0.01, 3.0, 14.0})
      for (const double width : {0.02, 1.0, 12.0, 100.0})
        for (const double dk : {0.0, 0.001, 0.5, 4.0, 50.0}) {
          if (std::string(name) == "fhanning" && dk > 1) continue;
          const VectorXd w = window(k, kmin, kmin + width, dk, name);
          EXPECT_TRUE(w.allFinite()) << name << ' ' << kmin << ' ' << width << ' ' << dk;
          EXPECT_GE(w.minCoeff(), -1e-12) << name << ' ' << kmin << ' ' << width << ' ' << dk;
          EXPECT_LE(w.maxCoeff(), 1 + 1e-12) << name << ' ' << kmin << ' ' << width << ' ' << dk;
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

TEST(BackTransform, ReturnsWhatWasTransformed) {
  // All of R, without a window there: the real part is k² χ Ω again, but for half of χ(R = 0) and
  // the one point at 31.4 Å that is left out.
  const VectorXd chi = wave(2.2), k = k_grid(321);
  const Transform t = forward_transform_to(40, chi, 3, 15, 1, 2, "hanning");
  const BackTransform back = back_transform(t.chi, 0, 35, 0, "parzen", 16);
  const VectorXd weighted =
      chi.cwiseProduct(k.cwiseAbs2()).cwiseProduct(window(k, 3, 15, 1, "hanning"));
  ASSERT_EQ(back.q.size(), 321);
  EXPECT_EQ(back.q[320], k[320]);
  const double constant = t.chi[0].real() * std::sqrt(std::numbers::pi) / (kstep * nfft);
  EXPECT_LT((back.chi.real() - weighted).cwiseAbs().maxCoeff(), std::abs(constant) + 1e-3);
}

TEST(BackTransform, KeepsOneShellAndDropsTheOther) {
  const VectorXd one = wave(2), two = wave(5);
  const Transform both = forward_transform(one + two, 3, 15, 1, 2, "hanning"),
                  first = forward_transform(one, 3, 15, 1, 2, "hanning");
  const BackTransform mixed = back_transform(both.chi, 1, 3.5, 0.5, "hanning"),
                      alone = back_transform(first.chi, 1, 3.5, 0.5, "hanning");
  const double height = alone.chi.cwiseAbs().maxCoeff();
  EXPECT_LT((mixed.chi - alone.chi).segment(100, 130).cwiseAbs().maxCoeff(), 0.02 * height);
  // The envelope of k² sin(2kR) well inside of the window is k².
  for (const int i : {120, 160, 200})
    EXPECT_NEAR(std::abs(alone.chi[i]) / std::pow(alone.q[i], 2), 1, 0.03);
  EXPECT_NEAR(std::arg(alone.chi[160]),
              std::remainder(4 * alone.q[160] - std::numbers::pi / 2, 2 * std::numbers::pi), 0.03);
}

TEST(BackTransform, ObeysParseval) {
  const Transform t = forward_transform(wave(2.2), 3, 15, 1, 2, "hanning");
  const BackTransform back = back_transform(t.chi, 1, 4, 0, "hanning", 51.15);
  const VectorXd r = VectorXd::LinSpaced(nfft, 0, rstep * (nfft - 1));
  const VectorXd filtered =
      t.chi.cwiseAbs().cwiseProduct(window(r, 1, 4, 0, "hanning").head(t.chi.size()));
  // χ(q) = 2√π/(kstep N) Σ χ(R) exp, so Σ |χ(q)|² over a period is 4π/(kstep² N) Σ |χ(R)|².
  const double all = 4 * std::numbers::pi / (kstep * kstep * nfft) * filtered.squaredNorm();
  EXPECT_NEAR(back.chi.squaredNorm() / all, 1, 1e-3);  // the other half holds next to nothing
}

TEST(BackTransform, RefusesWhatItCantTransform) {
  Eigen::VectorXcd chi = Eigen::VectorXcd::Ones(400);
  EXPECT_THROW(static_cast<void>(back_transform(chi, 3, 1, 0, "hanning")), Error);
  EXPECT_THROW(static_cast<void>(back_transform(chi, 1, 3, 0, "hann")), Error);
  EXPECT_THROW(static_cast<void>(back_transform(Eigen::VectorXcd::Ones(1025), 1, 3, 0, "hanning")),
               Error);
  chi[3] = NAN;
  EXPECT_THROW(static_cast<void>(back_transform(chi, 1, 3, 0, "hanning")), Error);
  EXPECT_EQ(back_transform(Eigen::VectorXcd(), 1, 3, 0, "hanning").chi.cwiseAbs().maxCoeff(), 0);
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
}  // namespace twin::xas::transform_test
