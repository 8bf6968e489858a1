// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/rebin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/constants.h"
#include "core/error.h"
#include "xas/oracle.h"
#include "xas/reduce.h"

namespace twin::xas::rebin_test {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double e0 = 8333;

record::RebinSettings by(const std::string& method) {
  record::RebinSettings settings;
  settings.method = method;
  return settings;
}

bool increases(const VectorXd& x) {
  for (Index i = 1; i < x.size(); ++i)
    if (!(x[i] > x[i - 1])) return false;
  return true;
}

TEST(Rebin, GridFollowsTheInformation) {
  const VectorXd grid = rebin_grid(8133, 9400, e0, {});
  EXPECT_TRUE(increases(grid));
  EXPECT_EQ(grid[0], 8133);
  EXPECT_LE(grid[grid.size() - 1], 9400);
  for (Index i = 2; i < grid.size(); ++i) {
    const double at = grid[i] - e0, step = grid[i] - grid[i - 1];
    if (at < -32) {
      EXPECT_NEAR(step, 2, 1e-9) << at;
    }
    if (at > -29 && at < 50) {
      EXPECT_NEAR(step, 0.35, 1e-9) << at;  // 8333/25000 to 0.05
    }
    if (at > 55) {
      EXPECT_NEAR(std::sqrt(etok * at) - std::sqrt(etok * (grid[i - 1] - e0)), 0.05, 1e-9) << at;
    }
  }
}

TEST(Rebin, MeansOfAStraightLineLieOnIt) {
  const VectorXd energy = VectorXd::LinSpaced(12000, 8133, 9400);
  MatrixXd columns(12000, 2);
  columns.col(0) = 3.0 - 1e-3 * (energy.array() - e0);
  columns.col(1) = VectorXd::Constant(12000, 2.5);
  for (const char* method : {"centroid", "spline"}) {
    const Rebinned out = rebin(energy, columns, e0, by(method));
    EXPECT_LT(
        ((3.0 - 1e-3 * (out.energy.array() - e0)) - out.columns.col(0).array()).abs().maxCoeff(),
        1e-9)
        << method;
    EXPECT_LT((out.columns.col(1).array() - 2.5).abs().maxCoeff(), 1e-12) << method;
  }
}

TEST(Rebin, EveryPointIsInOneBin) {
  const VectorXd energy = VectorXd::LinSpaced(5000, 8133, 9400);
  for (const char* method : {"boxcar", "centroid"})
    EXPECT_EQ(rebin(energy, MatrixXd::Ones(5000, 1), e0, by(method)).points.sum(), 5000) << method;
}

TEST(Rebin, NoiseFallsWithTheRootOfThePoints) {
  const VectorXd energy = VectorXd::LinSpaced(200000, 8133, 9400);
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, 0.01);
  MatrixXd mu(energy.size(), 1);
  for (double& y : mu.reshaped()) y = normal(random);
  const Rebinned out = rebin(energy, mu, e0, by("centroid"));
  const VectorXd scaled =
      out.columns.col(0).array() * out.points.cast<double>().array().sqrt() / 0.01;
  const double rms = std::sqrt(scaled.squaredNorm() / static_cast<double>(scaled.size()));
  EXPECT_NEAR(rms, 1, 4 / std::sqrt(2.0 * static_cast<double>(scaled.size())));  // 4 σ of an rms
}

TEST(Rebin, EmptyBinsAreLeftOutOrFilled) {
  const VectorXd energy = VectorXd::LinSpaced(300, 8133, 9400);  // 4 eV: empty bins in the XANES
  const MatrixXd line = energy;
  const Rebinned centroid = rebin(energy, line, e0, by("centroid"));
  EXPECT_GT(centroid.points.minCoeff(), 0);
  EXPECT_TRUE(increases(centroid.energy));
  const Rebinned boxcar = rebin(energy, line, e0, by("boxcar"));
  EXPECT_EQ(boxcar.points.minCoeff(), 0);
  EXPECT_EQ(boxcar.energy, rebin_grid(8133, 9400, e0, {}));
  EXPECT_LT((boxcar.columns.col(0) - boxcar.energy).cwiseAbs().maxCoeff(), 2.2);  // half a step
}

// Wherever a scan ends, and if its energies jitter, the grid rises.
TEST(Rebin, PartialScansStayMonotonic) {
  std::mt19937 random(5);
  std::normal_distribution<double> jitter(0, 0.2);
  for (double last = 8140; last < 9400; last += 13.7) {
    VectorXd energy = VectorXd::LinSpaced(1500, 8133, last);
    for (double& e : energy) e += jitter(random);
    for (const char* method : {"boxcar", "centroid", "spline"}) {
      const Rebinned out = rebin(energy, energy, e0, by(method));
      ASSERT_TRUE(increases(out.energy)) << method << " to " << last;
      ASSERT_TRUE(out.columns.allFinite());
    }
  }
}

TEST(Rebin, ScansThatBeginLateHaveAGrid) {
  for (const double first : {8310.0, 8334.0, 8500.0})
    EXPECT_TRUE(increases(rebin_grid(first, 9000, e0, {}))) << first;
}

TEST(Rebin, RefusesWhatIsNoScan) {
  const VectorXd four = VectorXd::LinSpaced(4, 8300, 8400);
  const auto with = [&](auto change) {
    record::RebinSettings settings;
    change(settings);
    return settings;
  };
  EXPECT_NO_THROW(static_cast<void>(rebin(four, four, e0, {})));
  EXPECT_THROW(static_cast<void>(rebin(four.head(3), four.head(3), e0, {})), Error);
  EXPECT_THROW(static_cast<void>(rebin(four, four.head(3), e0, {})), Error);
  EXPECT_THROW(static_cast<void>(rebin(four, four, e0, by("mean"))), Error);
  EXPECT_THROW(static_cast<void>(rebin(four, four, e0, with([](auto& s) { s.pre_step = 0; }))),
               Error);
  EXPECT_THROW(static_cast<void>(rebin(four, four, e0, with([](auto& s) { s.exafs_kstep = -1; }))),
               Error);
  VectorXd bad = four;
  bad[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(rebin(four, bad, e0, {})), Error);
}

// A measured quick scan of 1649 points keeps its edge step: 2e-3 is what the other density of
// points in the range of normalisation changes.
TEST(Rebin, KeepsTheEdgeStepOfAMeasuredScan) {
  SKIP_WITHOUT_ORACLE();
  const auto data = oracle::curve("series_NiK_rock/op2_pos1_0001.txt", "mu");
  const Rebinned out = rebin(data.col(0), data.col(1), 8349.6, by("centroid"));
  EXPECT_LT(out.energy.size(), data.rows() / 2);
  record::ReduceSettings pinned;
  pinned.e0 = 8349.6;
  pinned.pre1 = -250;
  pinned.pre2 = -60;
  pinned.norm1 = 100;
  pinned.norm2 = 1100;
  const double before = reduce(data.col(0), data.col(1), pinned, {}).edge_step;
  EXPECT_NEAR(reduce(out.energy, out.columns.col(0), pinned, {}).edge_step, before, 2e-3 * before);
}

}  // namespace
}  // namespace twin::xas::rebin_test
