// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/white_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "message_of.h"
#include "xas/oracle.h"
#include "xas/xanes_curves.h"

namespace twin::xas::white_line_test {
namespace {

using Eigen::VectorXd;
using testing::HasSubstr;

TEST(WhiteLine, TopOfACubicIsExact) {
  const VectorXd e = xanes::grid(-10, 60, 0.5);
  const VectorXd y = e.unaryExpr([](double x) {
    const double u = x - xanes::e0 - 20.3;
    return 1.4 - 0.002 * u * u + 2e-6 * u * u * u;
  });
  const WhiteLine found = find_white_line(e, y, xanes::e0, {}, 1e-3);
  EXPECT_NEAR(found.energy, xanes::e0 + 20.3, 1e-9);
  EXPECT_NEAR(found.height, 1.4, 1e-9);
}

TEST(WhiteLine, LiesBetweenTheGridPoints) {
  const VectorXd e = xanes::grid(-60, 120, 0.7);
  const xanes::Shape shape{.edge = 0, .line = 3, .width = 2.5, .wave = 0};
  const WhiteLine found = find_white_line(e, xanes::curve(e, shape), xanes::e0, {}, 1e-3);
  double top = 0, at = 0;  // the same curve on a fine grid
  for (double x = xanes::e0; x < xanes::e0 + 10; x += 1e-3)
    if (xanes::at(x, shape) > top) top = xanes::at(at = x, shape);
  EXPECT_NEAR(found.energy, at, 0.03);
  EXPECT_NEAR(found.height, top, 2e-3 * top);
}

TEST(WhiteLine, AreaIsThatOfTheLine) {
  const VectorXd e = xanes::grid();
  const VectorXd with = xanes::curve(e, {.line = 1.0, .width = 2, .wave = 0});
  const VectorXd without = xanes::curve(e, {.line = 0.5, .width = 2, .wave = 0});
  const WhiteLine a = find_white_line(e, with, xanes::e0, {}, 1e-3);
  const WhiteLine b = find_white_line(e, without, xanes::e0, {}, 1e-3);
  const double gauss = 0.5 * 2 * std::sqrt(2 * std::numbers::pi);
  // The arctan follows the place of one half, which the line moves.
  EXPECT_NEAR(a.area - b.area, gauss, 0.15 * gauss);
}

TEST(WhiteLine, ErrorsAreThoseOfManyDraws) {
  std::mt19937_64 random(12);
  const VectorXd e = xanes::grid();
  const VectorXd y = xanes::curve(e, {.line = 1.5, .width = 3, .wave = 0});
  const WhiteLine quiet = find_white_line(e, y, xanes::e0, {}, 4e-3);
  double energy = 0, height = 0, energy_sigma = 0, height_sigma = 0;
  for (int i = 0; i < 400; ++i) {
    const WhiteLine found =
        find_white_line(e, y + xanes::noise(random, e.size(), 4e-3), xanes::e0, {}, 4e-3);
    energy += std::pow(found.energy - quiet.energy, 2);
    height += std::pow(found.height - quiet.height, 2);
    energy_sigma += std::pow(found.energy_sigma, 2);
    height_sigma += std::pow(found.height_sigma, 2);
  }
  // The points near the top are chosen by the noise too: one and a half of the formula at most.
  EXPECT_GT(energy / energy_sigma, 0.6);
  EXPECT_LT(energy / energy_sigma, 1.5);
  EXPECT_GT(height / height_sigma, 0.6);
  EXPECT_LT(height / height_sigma, 1.5);
}

TEST(WhiteLine, SaysWhereThereIsNone) {
  const VectorXd e = xanes::grid();
  const VectorXd rising = e.array() - xanes::e0;
  const WhiteLine found = find_white_line(e, rising, xanes::e0, {}, 1e-3);
  EXPECT_THAT(found.warnings, testing::Contains(HasSubstr("end of the range")));
  const WhiteLine flat = find_white_line(e, VectorXd::Constant(e.size(), 0.2), xanes::e0, {}, 1e-3);
  EXPECT_NEAR(flat.height, 0.2, 1e-9);
  EXPECT_THAT(flat.warnings, testing::Contains(HasSubstr("no area")));
  const auto refused = [&](const VectorXd& x, const VectorXd& y) {
    return message_of([&] { static_cast<void>(find_white_line(x, y, xanes::e0, {}, 1e-3)); });
  };
  EXPECT_THAT(refused(e, rising.head(5)), HasSubstr("do not fit"));
  EXPECT_THAT(refused(e.head(3), rising.head(3)), HasSubstr("0 points"));
  VectorXd bad = rising;
  bad[9] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(refused(e, bad), HasSubstr("not finite"));
}

TEST(WhiteLine, OfMeasuredLeadAndSulphur) {
  SKIP_WITHOUT_ORACLE();
  // Sulphate's line lies at 2481.8 to 2482.7 eV, by the calibration of the beamline.
  const Eigen::MatrixXd gypsum = oracle::curve("sK/gypsum_rt_02.xdi", "mu");
  record::WhiteLineSettings settings;
  settings.emax = 20;
  const WhiteLine sulphate = find_white_line(gypsum.col(0), gypsum.col(2), 2478, settings);
  EXPECT_GT(sulphate.energy, 2481);
  EXPECT_LT(sulphate.energy, 2484);
  EXPECT_LT(sulphate.energy_sigma, 0.05);
  const Eigen::MatrixXd oxide = oracle::curve("ceO2_L3.xdi", "mu");
  const WhiteLine ceria = find_white_line(oxide.col(0), oxide.col(2), 5727.5, {});
  EXPECT_GT(ceria.energy, 5725);
  EXPECT_LT(ceria.energy, 5742);
}

}  // namespace
}  // namespace twin::xas::white_line_test
