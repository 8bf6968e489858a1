// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/prepeaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "message_of.h"
#include "xas/line_shapes.h"
#include "xas/oracle.h"
#include "xas/xanes_curves.h"

namespace twin::xas::prepeaks_test {
namespace {

using Eigen::VectorXd;
using testing::HasSubstr;

TEST(LineShape, HasAreaOneAndTheWidthItSays) {
  for (const double mixing : {0.0, 0.4}) {
    double area = 0;
    for (double x = -4000; x <= 4000; x += 0.01) area += 0.01 * line_shape(x, 1.3, mixing).value;
    EXPECT_NEAR(area, 1, 2e-4 + 1e-3 * mixing);  // the Lorentzian's tails beyond
    EXPECT_NEAR(line_shape(0.65, 1.3, mixing).value / line_shape(0, 1.3, mixing).value, 0.5, 1e-12);
  }
}

TEST(LineShape, DerivativesAreThoseOfTheValue) {
  const double x = 0.4, w = 1.3, m = 0.3, d = 1e-6;
  const LineValue at = line_shape(x, w, m);
  const auto value = [](double a, double b, double c) { return line_shape(a, b, c).value; };
  EXPECT_NEAR(at.by_x, (value(x + d, w, m) - value(x - d, w, m)) / (2 * d), 1e-8);
  EXPECT_NEAR(at.by_fwhm, (value(x, w + d, m) - value(x, w - d, m)) / (2 * d), 1e-8);
  EXPECT_NEAR(at.by_mixing, (value(x, w, m + d) - value(x, w, m - d)) / (2 * d), 1e-8);
}

// The foot of a Lorentzian at 4979 eV on a line, and two lines before it.
struct Made {
  VectorXd energy = VectorXd::LinSpaced(161, 4950, 4982), foot, norm;
  record::PrePeakSettings settings;
  Made() {
    foot = energy.unaryExpr(
        [](double e) { return 0.02 + 1e-3 * (e - 4975) + 9.0 * line_shape(e - 4979, 5, 1).value; });
    norm = foot + energy.unaryExpr([](double e) {
      return 0.5 * line_shape(e - 4966, 1.6, 0).value + 0.3 * line_shape(e - 4969, 2.0, 0).value;
    });
    settings.emin = 4952, settings.elo = 4962, settings.ehi = 4973, settings.emax = 4977;
  }
};

TEST(PrePeaks, AreaCentroidAndHeightAboveTheBaseline) {
  const Made made;
  const PrePeaks found = fit_prepeaks(made.energy, made.norm, made.settings);
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.area, 0.8, 2e-3);  // tails of the lines reach into the baseline's points
  EXPECT_NEAR(found.centroid, (0.5 * 4966 + 0.3 * 4969) / 0.8, 0.02);
  EXPECT_NEAR(found.height, 0.5 * line_shape(0, 1.6, 0).value, 0.01);
  EXPECT_NEAR(found.height_at, 4966, 0.2);
}

TEST(PrePeaks, LinesAreFoundTogetherWithTheBaseline) {
  Made made;
  made.settings.peaks = 2;
  const PrePeaks found = fit_prepeaks(made.energy, made.norm, made.settings, 1e-4);
  ASSERT_EQ(found.peaks.size(), 2u);
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.peaks[0].centre, 4966, 1e-4);
  EXPECT_NEAR(found.peaks[0].area, 0.5, 1e-3);
  EXPECT_NEAR(found.peaks[0].fwhm, 1.6, 1e-3);
  EXPECT_NEAR(found.peaks[1].centre, 4969, 1e-4);
  EXPECT_NEAR(found.peaks[1].area, 0.3, 1e-3);
  EXPECT_NEAR(found.peaks[1].height, 0.3 * line_shape(0, 2.0, 0).value, 1e-3);
  EXPECT_LT((found.fit - found.norm).cwiseAbs().maxCoeff(), 1e-5);
}

TEST(PrePeaks, EveryBaselineAndShapeDescribesItself) {
  Made made;
  made.settings.peaks = 1;
  for (const std::string baseline : {"line", "line+lorentzian", "line+arctan"})
    for (const std::string shape : {"gaussian", "lorentzian", "voigt"}) {
      made.settings.baseline = baseline;
      made.settings.shape = shape;
      const double mixing = shape == "gaussian" ? 0 : (shape == "voigt" ? 0.4 : 1);
      const VectorXd norm = made.energy.unaryExpr([&](double e) {
        double y = 0.02 + 1e-3 * (e - 4975) + 0.6 * line_shape(e - 4967, 1.8, mixing).value;
        if (baseline == "line+lorentzian") y += 9.0 * line_shape(e - 4979, 5, 1).value;
        if (baseline == "line+arctan") y += 0.5 + std::atan((e - 4977) / 1.5) / std::numbers::pi;
        return y;
      });
      const PrePeaks found = fit_prepeaks(made.energy, norm, made.settings, 1e-4);
      SCOPED_TRACE(baseline + ", " + shape);
      ASSERT_EQ(found.peaks.size(), 1u);
      EXPECT_NEAR(found.peaks[0].area, 0.6, 5e-3);
      EXPECT_NEAR(found.peaks[0].centre, 4967, 2e-3);
      EXPECT_LT(found.r_factor, 1e-6);
    }
}

TEST(PrePeaks, ErrorsAreThoseOfManyDraws) {
  Made made;
  std::mt19937_64 random(11);
  constexpr int draws = 400;
  const double sigma = 3e-3;
  const PrePeaks quiet = fit_prepeaks(made.energy, made.norm, made.settings, sigma);
  double area = 0, centroid = 0, area_sigma = 0, centroid_sigma = 0;
  for (int i = 0; i < draws; ++i) {
    const VectorXd noisy = made.norm + xanes::noise(random, made.norm.size(), sigma);
    const PrePeaks found = fit_prepeaks(made.energy, noisy, made.settings, sigma);
    area += std::pow(found.area - quiet.area, 2);
    centroid += std::pow(found.centroid - quiet.centroid, 2);
    area_sigma += std::pow(found.area_sigma, 2);
    centroid_sigma += std::pow(found.centroid_sigma, 2);
  }
  EXPECT_NEAR(area / area_sigma, 1, 0.3);  // 7 % a variance, and a baseline that is not linear
  EXPECT_NEAR(centroid / centroid_sigma, 1, 0.3);
}

TEST(PrePeaks, RefusesWhatItCannotFit) {
  const Made made;
  const auto refused = [&](auto change, const VectorXd& norm, Cause cause = Cause::configuration) {
    record::PrePeakSettings settings = made.settings;
    change(settings);
    return message_of([&] { static_cast<void>(fit_prepeaks(made.energy, norm, settings)); }, cause);
  };
  EXPECT_THAT(refused([](auto& s) { s.elo = 4980; }, made.norm), HasSubstr("must increase"));
  EXPECT_THAT(refused([](auto& s) { s.baseline = "spline"; }, made.norm),
              HasSubstr("unknown baseline spline"));
  EXPECT_THAT(refused([](auto& s) { s.shape = "box"; }, made.norm), HasSubstr("unknown shape box"));
  EXPECT_THAT(refused([](auto& s) { s.emin = 6000, s.elo = 6010, s.ehi = 6020, s.emax = 6030; },
                      made.norm, Cause::data),
              HasSubstr("points beside the peaks"));
  VectorXd bad = made.norm;
  bad[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refused([](auto&) {}, bad, Cause::data), HasSubstr("not finite"));
  const PrePeaks flat =
      fit_prepeaks(made.energy, VectorXd::Constant(made.energy.size(), 0.1), made.settings);
  EXPECT_NEAR(flat.area, 0, 1e-6);
}

TEST(Larch, PreEdgePeaksOfTheSameNorm) {
  SKIP_WITHOUT_ORACLE();
  for (const auto& [name, answer] : oracle::answers()["prepeaks"].items()) {
    const Eigen::MatrixXd curve = oracle::curve(name, "mu");
    ASSERT_GT(curve.rows(), 0);
    record::PrePeakSettings settings;
    settings.emin = answer["emin"], settings.emax = answer["emax"];
    settings.elo = answer["elo"], settings.ehi = answer["ehi"];
    const PrePeaks found = fit_prepeaks(curve.col(0), curve.col(2), settings);
    SCOPED_TRACE(name);
    // The same minimum but for bounds. Larch sums areas by another rule (0.6 %), and takes its
    // centroid over points, whatever their distance.
    const VectorXd above = found.norm - found.baseline;
    const double over_points = found.energy.dot(above) / above.sum();
    EXPECT_NEAR(found.area, answer["area"].get<double>(), 0.01 * found.area);
    EXPECT_NEAR(found.height, answer["height"].get<double>(), 1e-3);
    EXPECT_NEAR(over_points, answer["centroid"].get<double>(), 0.02);
  }
}

}  // namespace
}  // namespace twin::xas::prepeaks_test
