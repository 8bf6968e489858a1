// SPDX-License-Identifier: GPL-3.0-or-later
// What the errors of linear combinations are made of, and what bounds do to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "xas/lcf_mixtures.h"

namespace twin::xas::lcf_errors_test {
namespace {

using Eigen::VectorXd;
using record::LcfSettings;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// By Gauss and Hermite's three nodes.
VectorXd broadened(const VectorXd& energy, double one, double shift, double sigma) {
  const double h = std::sqrt(3.0) * sigma;
  return mixed(energy, one, shift) * 2 / 3 +
         (mixed(energy, one, shift + h) + mixed(energy, one, shift - h)) / 6;
}

// A spectrum that no mixture makes: misfit is the same in each draw, and scatters nothing.
TEST(LcfErrors, MisfitIsSystematic) {
  std::mt19937_64 random(9);
  const VectorXd e = xanes::grid();
  const VectorXd y = 0.9 * mixed(e, 0.4) + 0.1 * xanes::curve(e, xanes::third());
  constexpr int draws = 100;
  double sum = 0, squares = 0, variance = 0;
  for (int i = 0; i < draws; ++i) {
    const VectorXd noisy = y + xanes::noise(random, e.size(), 1e-4);
    const LcfFit fit = fit_lcf(e, noisy, xanes::e0, two(), {}, 1e-4);
    sum += fit.fractions[0] / draws;
    squares += fit.fractions[0] * fit.fractions[0] / draws;
    variance += fit.covariance(0, 0) / draws;
    EXPECT_GT(fit.reduced_chi2, 30);
    EXPECT_NEAR(fit.covariance_sys(0, 0) / fit.covariance(0, 0), fit.reduced_chi2 - 1, 1e-6);
    EXPECT_NEAR(std::pow(fit.shift_sys / fit.shift_sigma, 2), fit.reduced_chi2 - 1, 1e-6);
  }
  EXPECT_NEAR((squares - sum * sum) / variance, 1, 0.56);  // 14 % from 100 draws: four of those
}

// As a minimum passes the bound, errors go on as they were.
TEST(LcfErrors, AFractionAtItsBoundIsUncertain) {
  const VectorXd e = xanes::grid();
  auto standards = two();
  standards.push_back({"three", e, xanes::curve(e, xanes::third())});
  for (const bool step : {false, true}) {
    LcfSettings settings = plain();
    settings.step = step;
    const auto with = [&](double third) {
      const VectorXd y = (1 - third) * mixed(e, 0.5) + third * xanes::curve(e, xanes::third());
      return fit_lcf(e, y, xanes::e0, standards, settings, 1e-3);
    };
    const LcfFit inside = with(1e-3), outside = with(-1e-3);
    EXPECT_EQ(outside.fractions[2], 0);
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(outside.sigma[j] / inside.sigma[j], 1, 0.02);
    EXPECT_THAT(outside.warnings, Contains(HasSubstr("fraction three is held at its bound of 0")));
    EXPECT_THAT(inside.warnings, Not(Contains(HasSubstr("bound"))));
    // The others are left none: the one that is left is not certain either.
    const LcfFit pure =
        fit_lcf(e, xanes::curve(e, xanes::first()), xanes::e0, standards, settings, 1e-3);
    EXPECT_NEAR(pure.fractions[0], 1, 1e-4);
    EXPECT_GT(pure.sigma[0], 1e-4);
  }
}

TEST(LcfErrors, OtherBoundsAreTold) {
  const VectorXd e = xanes::grid();
  const LcfFit moved = fit_lcf(e, mixed(e, 0.4, 3.0), xanes::e0, two(), {}, 1e-3);
  EXPECT_THAT(moved.warnings, Contains(HasSubstr("shift is held at its bound of 2 eV")));
  EXPECT_GT(moved.shift_sigma, 0);
  const LcfFit wide = fit_lcf(e, broadened(e, 0.4, 0, 3), xanes::e0, two(), full(), 1e-3);
  EXPECT_THAT(wide.warnings, Contains(HasSubstr("broadening is held at its bound")));
  EXPECT_GT(wide.variance_sigma, 0);
}

}  // namespace
}  // namespace twin::xas::lcf_errors_test
