// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "message_of.h"
#include "xas/lcf_mixtures.h"

namespace twin::xas::lcf_test {
namespace {

using Eigen::VectorXd;
using record::LcfSettings;
using testing::HasSubstr;
using testing::Not;

TEST(Lcf, FindsWhatWasMixedWhateverIsRefined) {
  const VectorXd e = xanes::grid();
  for (const LcfSettings& settings : {plain(), LcfSettings{}, full()}) {
    const LcfFit fit = fit_lcf(e, mixed(e, 0.3), xanes::e0, two(), settings, 1e-3);
    EXPECT_TRUE(fit.converged);
    // Cubic splines of a smooth curve on a 0.4 eV grid.
    EXPECT_NEAR(fit.fractions[0], 0.3, 2e-4);
    EXPECT_NEAR(fit.fractions.sum(), 1, 1e-12);
    EXPECT_LT(fit.r_factor, 1e-7);
  }
}

// By Gauss and Hermite's three nodes.
VectorXd broadened(const VectorXd& energy, double one, double shift, double sigma) {
  const double h = std::sqrt(3.0) * sigma;
  return mixed(energy, one, shift) * 2 / 3 +
         (mixed(energy, one, shift + h) + mixed(energy, one, shift - h)) / 6;
}

TEST(Lcf, UndoesStepLineShiftBroadeningAndSelfAbsorption) {
  const VectorXd e = xanes::grid();
  VectorXd y = broadened(e, 0.3, 0.4, 0.3);
  y = (y.array() / (1 + 0.1 * (y.array() - 1))).matrix();
  y = 1.05 * y + 1e-4 * (e.array() - xanes::e0).matrix() + VectorXd::Constant(e.size(), 0.02);
  const LcfFit fit = fit_lcf(e, y, xanes::e0, two(), full(), 1e-3);
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.fractions[0], 0.3, 1e-3);  // three nodes are not quite a Gaussian
  EXPECT_NEAR(fit.step, 1.05, 1e-3);
  EXPECT_NEAR(fit.offset, 0.02, 1e-3);
  EXPECT_NEAR(fit.slope, 1e-4, 2e-5);
  EXPECT_NEAR(fit.shift, 0.4, 2e-3);
  EXPECT_NEAR(fit.broadening, 0.3, 0.01);
  EXPECT_NEAR(fit.self_absorption, 0.1, 2e-3);
}

TEST(Lcf, AStepAndALineOnTheDataChangeNothing) {
  const VectorXd e = xanes::grid(), y = mixed(e, 0.6, 0.2);
  const VectorXd other =
      0.93 * y + 2e-4 * (e.array() - xanes::e0).matrix() - VectorXd::Constant(e.size(), 0.05);
  const LcfFit a = fit_lcf(e, y, xanes::e0, two(), {}, 1e-3);
  const LcfFit b = fit_lcf(e, other, xanes::e0, two(), {}, 1e-3);
  EXPECT_NEAR(a.fractions[0], b.fractions[0], 1e-7);
  EXPECT_NEAR(b.step / a.step, 0.93, 1e-6);
}

TEST(Lcf, TheOrderOfStandardsDoesNotMatter) {
  const VectorXd e = xanes::grid(), y = mixed(e, 0.6, 0.2);
  auto standards = two();
  const LcfFit a = fit_lcf(e, y, xanes::e0, standards, full(), 1e-3);
  std::swap(standards[0], standards[1]);
  const LcfFit b = fit_lcf(e, y, xanes::e0, standards, full(), 1e-3);
  EXPECT_NEAR(a.fractions[0], b.fractions[1], 1e-6);
  EXPECT_NEAR(a.sigma[0], b.sigma[1], 1e-3 * a.sigma[0]);
}

TEST(Lcf, FractionsStayAtOrAboveZeroAndTheRestIsTheBestWithoutThem) {
  const VectorXd e = xanes::grid();
  auto standards = two();
  standards.push_back({"three", e, xanes::curve(e, xanes::third())});
  // Less than none of the third: 1.2 of one mixture, -0.2 of it.
  const VectorXd y = 1.2 * mixed(e, 0.5) - 0.2 * xanes::curve(e, xanes::third());
  for (const bool step : {false, true}) {
    LcfSettings settings = plain();
    settings.step = step;
    const LcfFit all = fit_lcf(e, y, xanes::e0, standards, settings, 1e-3);
    const LcfFit without = fit_lcf(e, y, xanes::e0, two(), settings, 1e-3);
    EXPECT_NEAR(all.fractions[2], 0, 1e-9);
    EXPECT_NEAR(all.fractions[0], without.fractions[0], 1e-5);
    EXPECT_GE(all.fractions.minCoeff(), 0);
  }
}

TEST(Lcf, ErrorsAreThoseOfManyDraws) {
  std::mt19937_64 random(7);
  const VectorXd e = xanes::grid(), y = mixed(e, 0.4, 0.1);
  const double sigma = 0.004, of_standards = 0.003;
  constexpr int draws = 400;
  double sum = 0, squares = 0, expected = 0, shifts = 0, shift_sigma = 0;
  for (int i = 0; i < draws; ++i) {
    auto standards = two();
    for (LcfStandard& s : standards) {
      s.norm += xanes::noise(random, s.norm.size(), of_standards);
      s.noise = of_standards;
    }
    const VectorXd noisy = y + xanes::noise(random, e.size(), sigma);
    const LcfFit fit = fit_lcf(e, noisy, xanes::e0, standards, full(), sigma);
    const double error = fit.fractions[0] - 0.4;
    sum += error;
    squares += error * error;
    expected += fit.sigma[0] * fit.sigma[0];
    shifts += std::pow(fit.shift - 0.1, 2);
    shift_sigma += fit.shift_sigma * fit.shift_sigma;
  }
  // A variance from 400 draws is known to 7 %: four of those.
  EXPECT_NEAR(squares / expected, 1, 0.28);
  EXPECT_NEAR(shifts / shift_sigma, 1, 0.28);
  EXPECT_LT(std::abs(sum / draws), 4 * std::sqrt(expected / draws / draws));
}

TEST(Lcf, NoiseOfTheStandardsDoesNotLookLikeBroadening) {
  const VectorXd e = xanes::grid(), y = broadened(e, 0.4, 0, 0.3);
  constexpr int draws = 100;
  const auto mean_variance = [&](double told, double& sigma) {
    std::mt19937_64 random(8);
    double sum = 0;
    for (int i = 0; i < draws; ++i) {
      auto standards = two();
      for (LcfStandard& s : standards) {
        s.norm += xanes::noise(random, s.norm.size(), 0.005);
        s.noise = told;
      }
      const LcfFit fit = fit_lcf(e, y, xanes::e0, standards, full(), 1e-3);
      sum += fit.variance / draws;
      sigma += fit.variance_sigma / draws;
    }
    return sum;
  };
  double sigma = 0, ignored = 0;
  const double corrected = mean_variance(0.005, sigma), plainly = mean_variance(0.0, ignored);
  EXPECT_NEAR(corrected, 0.09, 0.35 * sigma);  // 3.5 standard errors of the mean
  EXPECT_GT(plainly, 0.09 + 0.5 * sigma);      // plain least squares is pulled
}

TEST(Lcf, WhatIsNotRefinedIsSystematic) {
  const VectorXd e = xanes::grid();
  const VectorXd y = 1.04 * mixed(e, 0.4);
  const LcfFit fixed = fit_lcf(e, y, xanes::e0, two(), plain(), 1e-4);
  const LcfFit refined = fit_lcf(e, y, xanes::e0, two(), {}, 1e-4);
  EXPECT_NEAR(refined.fractions[0], 0.4, 1e-3);
  EXPECT_EQ(refined.sigma_sys[0], 0);
  EXPECT_GT(std::abs(fixed.fractions[0] - 0.4), 0.01);
  EXPECT_NEAR(fixed.sigma_sys[0], std::abs(fixed.fractions[0] - 0.4), 2e-3);
}

TEST(Lcf, TheStepOfAStandardMovesFractionsAsItsFormulaSays) {
  const VectorXd e = xanes::grid();
  auto standards = two();
  standards[0].norm /= 1.05;
  const LcfFit wrong = fit_lcf(e, mixed(e, 0.4), xanes::e0, standards, {}, 1e-4);
  EXPECT_NEAR(wrong.fractions[0], 0.4 * 1.05 / (0.4 * 1.05 + 0.6), 1e-3);
  auto known = two();
  known[0].step_sys = 0.05;
  const LcfFit fit = fit_lcf(e, mixed(e, 0.4), xanes::e0, known, {}, 1e-4);
  EXPECT_NEAR(fit.sigma_sys[0], 0.05 * 0.4 * 0.6, 1e-4);  // f (1 - f) times the relative error
  known[0].step_sigma = 0.05;
  const LcfFit both = fit_lcf(e, mixed(e, 0.4), xanes::e0, known, {}, 1e-4);
  EXPECT_NEAR(both.sigma[0], 0.05 * 0.4 * 0.6, 1e-3);
}

TEST(Lcf, DerivativesFindTheSame) {
  const VectorXd e = xanes::grid();
  LcfSettings settings;
  settings.space = "derivative";
  const LcfFit fit = fit_lcf(e, mixed(e, 0.3, 0.25), xanes::e0, two(), settings, 1e-3);
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.fractions[0], 0.3, 5e-4);
  EXPECT_NEAR(fit.shift, 0.25, 2e-3);
  EXPECT_EQ(fit.points, fit.energy.size());
  EXPECT_GE(fit.energy[0], xanes::e0 - 20 - 1e-6);
}

TEST(Lcf, FractionsMayBeNegativeWhereTheyAreLet) {
  const VectorXd e = xanes::grid();
  const VectorXd y = mixed(e, 1.2);
  for (const bool refined : {true, false}) {
    LcfSettings settings = plain();
    settings.step = refined;
    settings.nonnegative = false;
    const LcfFit fit = fit_lcf(e, y, xanes::e0, two(), settings, 1e-3);
    EXPECT_NEAR(fit.fractions[0], 1.2, 1e-3);
    EXPECT_NEAR(fit.fractions[1], -0.2, 1e-3);
    for (const auto& warning : fit.warnings) EXPECT_THAT(warning, Not(HasSubstr("bound of 0")));
  }
}

// What is watched for a state that is not there yet: its scatter is that which is claimed.
TEST(Lcf, OfAStateThatIsNotThereTheFractionScattersAboutZeroAsItSays) {
  const VectorXd e = xanes::grid();
  LcfSettings settings = plain();
  settings.nonnegative = false;
  std::mt19937_64 random(3);
  std::normal_distribution<> normal(0, 1e-3);
  double sum = 0, squares = 0;
  const int count = 200;
  for (int i = 0; i < count; ++i) {
    const VectorXd y =
        mixed(e, 1.0) + VectorXd::NullaryExpr(e.size(), [&] { return normal(random); });
    const LcfFit fit = fit_lcf(e, y, xanes::e0, two(), settings, 1e-3);
    const double z = fit.fractions[1] / fit.sigma[1];
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / count, 0, 4 / std::sqrt(count));            // four standard errors of the mean,
  EXPECT_NEAR(squares / count, 1, 4 * std::sqrt(2.0 / count));  // and of the variance
}

TEST(Lcf, WeightsNeedNotAddToOne) {
  const VectorXd e = xanes::grid();
  LcfSettings settings = plain();
  settings.sum_to_one = false;
  const LcfFit fit = fit_lcf(e, 0.8 * mixed(e, 0.3), xanes::e0, two(), settings, 1e-3);
  EXPECT_NEAR(fit.fractions[0], 0.24, 2e-4);
  EXPECT_NEAR(fit.fractions[1], 0.56, 2e-4);
  EXPECT_EQ(fit.step, 1.0);
}

TEST(Lcf, RefusesWhatItCannotFit) {
  const VectorXd e = xanes::grid(), y = mixed(e, 0.3);
  const auto refused = [&](const VectorXd& energy, const VectorXd& norm, auto standards,
                           const LcfSettings& settings, Cause cause = Cause::data) {
    return message_of(
        [&] { static_cast<void>(fit_lcf(energy, norm, xanes::e0, standards, settings, 1e-3)); },
        cause);
  };
  VectorXd bad = y;
  bad[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refused(e, bad, two(), {}), HasSubstr("not finite"));
  EXPECT_THAT(refused(e, y.head(9), two(), {}), HasSubstr("9 values"));
  EXPECT_THAT(refused(e.head(1), y.head(1), two(), {}), HasSubstr("1 points"));
  EXPECT_THAT(refused(e.reverse(), y.reverse(), two(), {}), HasSubstr("does not increase"));
  EXPECT_THAT(refused(e, y, std::vector<LcfStandard>{}, {}, Cause::configuration),
              HasSubstr("no standards"));
  auto standards = two();
  standards[1].energy = standards[1].energy.array() + 40;
  EXPECT_THAT(refused(e, y, standards, {}), HasSubstr("standard two: energies from"));
  LcfSettings settings;
  settings.emin = 60, settings.emax = -20;
  EXPECT_THAT(refused(e, y, two(), settings, Cause::configuration), HasSubstr("emin 60"));
  settings = {};
  settings.space = "chi";
  EXPECT_THAT(refused(e, y, two(), settings, Cause::configuration), HasSubstr("unknown space chi"));
  settings = {};
  settings.emin = 1, settings.emax = 2.5;
  EXPECT_THAT(refused(e, y, two(), settings), HasSubstr("parameters"));
}

TEST(Lcf, AConstantSpectrumIsAnAnswerNotACrash) {
  const VectorXd e = xanes::grid();
  for (const double level : {0.0, 1.0}) {
    const LcfFit fit =
        fit_lcf(e, VectorXd::Constant(e.size(), level), xanes::e0, two(), full(), 1e-3);
    EXPECT_EQ(fit.fractions.size(), 2);
    EXPECT_TRUE(fit.fractions.allFinite());
  }
}

}  // namespace
}  // namespace twin::xas::lcf_test
