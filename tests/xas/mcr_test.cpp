// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/mcr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "message_of.h"
#include "xas/components.h"
#include "xas/oracle.h"
#include "xas/xanes_curves.h"

namespace twin::xas::mcr_test {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::HasSubstr;

MatrixXd pure(int n) {
  const VectorXd e = xanes::grid(-20, 60);
  MatrixXd out(n, e.size());
  const std::vector<xanes::Shape> shapes{xanes::first(), xanes::second(), xanes::third()};
  for (int i = 0; i < n; ++i)
    out.row(i) = xanes::curve(e, shapes[static_cast<std::size_t>(i)]).transpose();
  return out;
}

// A → B → C: pure at both ends and, nearly, in the middle.
MatrixXd reaction(Eigen::Index scans) {
  MatrixXd out(scans, 3);
  for (Eigen::Index i = 0; i < scans; ++i) {
    const double t = 12.0 * static_cast<double>(i) / static_cast<double>(scans - 1);
    out(i, 0) = std::max(0.0, 1 - t / 5);
    out(i, 2) = std::max(0.0, t / 5 - 1.4);
    out(i, 1) = 1 - out(i, 0) - out(i, 2);
  }
  return out;
}

TEST(Mcr, ASeriesWithPureScansIsResolvedExactly) {
  const MatrixXd c = reaction(25), s = pure(3);
  const Mcr found = resolve(c * s, 3);
  EXPECT_TRUE(found.converged);
  EXPECT_LT(found.lack_of_fit, 1e-3);
  EXPECT_NEAR(found.r2, 1, 1e-9);
  for (Eigen::Index k = 0; k < 3; ++k) {  // components come in the order in which they were found
    double best = 1;
    for (Eigen::Index l = 0; l < 3; ++l)
      best = std::min(best, (found.concentrations.col(k) - c.col(l)).cwiseAbs().maxCoeff());
    EXPECT_LT(best, 2e-3);
  }
  for (Eigen::Index i = 0; i < c.rows(); ++i)
    EXPECT_NEAR(found.concentrations.row(i).sum(), 1, 1e-9);
}

TEST(Mcr, NoiseIsWhatIsLeft) {
  std::mt19937_64 random(2);
  const MatrixXd clean = reaction(25) * pure(3);
  MatrixXd series = clean;
  for (Eigen::Index i = 0; i < series.rows(); ++i)
    series.row(i) += xanes::noise(random, series.cols(), 3e-3).transpose();
  const Mcr found = resolve(series, 3);
  EXPECT_TRUE(found.converged);
  const double noise = 100 * (series - clean).norm() / series.norm();
  EXPECT_NEAR(found.lack_of_fit, noise, 0.1 * noise);  // less what three components take of it
  EXPECT_GE(found.concentrations.minCoeff(), 0);
  EXPECT_GE(found.spectra.minCoeff(), 0);
}

TEST(Mcr, TheBandIsWideWhereNoScanIsPureAndHoldsTheTruth) {
  MatrixXd mixed(15, 2);
  for (Eigen::Index i = 0; i < 15; ++i) {
    mixed(i, 0) = 0.25 + 0.5 * static_cast<double>(i) / 14;
    mixed(i, 1) = 1 - mixed(i, 0);
  }
  const Mcr found = resolve(mixed * pure(2), 2);
  EXPECT_LT(found.lack_of_fit, 0.01);
  EXPECT_GT((found.highest - found.lowest).maxCoeff(), 0.1);
  const bool turned = found.concentrations(0, 0) > found.concentrations(14, 0);
  const VectorXd truth = mixed.col(turned ? 1 : 0);
  EXPECT_TRUE((truth.array() >= found.lowest.col(0).array() - 1e-6).all());
  EXPECT_TRUE((truth.array() <= found.highest.col(0).array() + 1e-6).all());
  // Every scan pure in one place leaves less room.
  const Mcr known = resolve(reaction(25) * pure(3), 3);
  EXPECT_TRUE((known.lowest.array() <= known.concentrations.array() + 1e-12).all());
  EXPECT_TRUE((known.highest.array() >= known.concentrations.array() - 1e-12).all());
}

TEST(Mcr, WithoutClosureAmountsAreFree) {
  MatrixXd c = reaction(20);
  for (Eigen::Index i = 0; i < c.rows(); ++i)
    c.row(i) *= 1 + 0.3 * std::sin(0.5 * static_cast<double>(i));
  McrOptions options;
  options.closure = false;
  EXPECT_LT(resolve(c * pure(3), 3, options).lack_of_fit, 0.05);
  EXPECT_GT(resolve(c * pure(3), 3).lack_of_fit, 1);
}

TEST(Mcr, RefusesWhatItCannotResolve) {
  const auto refused = [](const MatrixXd& series, int n, Cause cause = Cause::data) {
    return message_of([&] { static_cast<void>(resolve(series, n)); }, cause);
  };
  EXPECT_THAT(refused(MatrixXd::Ones(3, 9), 0, Cause::configuration), HasSubstr("0 components"));
  EXPECT_THAT(refused(MatrixXd::Ones(1, 9), 2), HasSubstr("1 scans of 9 points"));
  MatrixXd bad = MatrixXd::Ones(3, 9);
  bad(1, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refused(bad, 2), HasSubstr("not finite"));
  EXPECT_TRUE(resolve(MatrixXd::Ones(3, 9), 2).concentrations.allFinite());
  EXPECT_TRUE(resolve(MatrixXd::Zero(3, 9), 2).concentrations.allFinite());
}

TEST(Mcr, ABatteryThatIsDischargedGoesFromOneStateToAnother) {
  SKIP_WITHOUT_ORACLE();
  std::vector<VectorXd> energies, norms;
  for (int scan = 1; scan <= 56; scan += 5) {
    char name[64];
    std::snprintf(name, sizeof name, "/series_NiK_rock/op2_pos1_%04d.txt", scan);
    std::ifstream file(*oracle::folder() + name);
    std::vector<double> e, y;
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream words(line);
      double energy = 0, norm = 0;
      if (words >> energy >> norm) e.push_back(energy), y.push_back(norm);
    }
    if (e.empty()) GTEST_SKIP() << "skipped: no series of Ni K spectra";
    energies.push_back(Eigen::Map<VectorXd>(e.data(), static_cast<Eigen::Index>(e.size())));
    norms.push_back(Eigen::Map<VectorXd>(y.data(), static_cast<Eigen::Index>(y.size())));
  }
  const CommonGrid grid = on_common_grid(energies, norms, 8320, 8400);
  const Components components = analyse_components(grid.spectra);
  EXPECT_GE(components.number, 2);
  EXPECT_GT(components.variance[0], 0.99);
  const Mcr found = resolve(grid.spectra, 2);
  EXPECT_TRUE(found.converged);
  EXPECT_LT(found.lack_of_fit, 1.0);  // %; it is 0.7: the way between has a third state in it
  // The edge moves one way through the series; so do the concentrations, within the noise.
  const bool rises = found.concentrations(11, 0) > found.concentrations(0, 0);
  const VectorXd c = found.concentrations.col(rises ? 0 : 1);
  for (Eigen::Index i = 1; i < c.size(); ++i) EXPECT_GT(c[i], c[i - 1] - 0.03);
  EXPECT_GT(c[c.size() - 1] - c[0], 0.8);
}

}  // namespace
}  // namespace twin::xas::mcr_test
