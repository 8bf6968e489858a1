// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>
#include <random>

#include "core/error.h"
#include "xas/energy_shift.h"
#include "xas/oracle.h"
#include "xas/reduce.h"
#include "xas/spectrum.h"

namespace twin::xas::merge_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double noise = 0.005;

// Scans of one spectrum, each with its own noise.
std::vector<Repeat> repeats(int n, unsigned seed = 1) {
  const auto [energy, mu] = spectrum::make();
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, noise);
  std::vector<Repeat> out;
  for (int i = 0; i < n; ++i) {
    out.push_back({energy, mu});
    for (double& y : out.back().mu) y += normal(random);
  }
  return out;
}

double rms(const VectorXd& x) { return std::sqrt(x.squaredNorm() / static_cast<double>(x.size())); }

TEST(Merge, OfEqualScansIsThatScan) {
  const auto [energy, mu] = spectrum::make();
  const Merged out = merge({{energy, mu}, {energy, mu}, {energy, mu}});
  EXPECT_LT((out.mu - mu).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_LT(out.sigma.maxCoeff(), 1e-12);
  EXPECT_THAT(out.left_out, IsEmpty());
}

TEST(Merge, LeavesTheNoiseOfTheMean) {
  const VectorXd truth = spectrum::make().second;
  for (const int n : {2, 4, 16}) {
    const Merged out = merge(repeats(n));
    const double expected = noise / std::sqrt(n);
    EXPECT_NEAR(rms(out.mu - truth), expected, 0.12 * expected) << n;  // 350 points: 4 % at 1 σ
    EXPECT_NEAR(rms(out.sigma), expected, 0.12 * expected) << n;
    EXPECT_NEAR(out.sigma_one, noise, 0.12 * noise) << n;
    EXPECT_EQ(out.scans, Eigen::VectorXi::Constant(truth.size(), n));
  }
}

TEST(Merge, NoisyScansWeighLess) {
  auto scans = repeats(5);
  std::mt19937 random(9);
  std::normal_distribution<double> normal(0, 3 * noise);
  for (double& y : scans[4].mu) y += normal(random);
  const Merged out = merge(scans);
  EXPECT_THAT(out.left_out, IsEmpty());
  EXPECT_NEAR(out.noise[4], std::sqrt(10) * noise, 0.2 * std::sqrt(10) * noise);
  EXPECT_NEAR(out.noise[0], noise, 0.2 * noise);
  const double best = noise / std::sqrt(4.1);
  EXPECT_NEAR(rms(out.mu - spectrum::make().second), best, 0.12 * best);
}

TEST(Merge, LeavesOutTheOneThatIsDifferent) {
  for (std::size_t bad = 0; bad < 4; ++bad) {
    auto scans = repeats(4);
    const Index n = scans[bad].mu.size();
    scans[bad].mu.tail(n - 1) =
        0.5 * (scans[bad].mu.tail(n - 1) + scans[bad].mu.head(n - 1)).eval();
    scans[bad].mu.segment(60, 20).array() += 0.3;
    const Merged out = merge(scans);
    ASSERT_EQ(out.left_out.size(), 1u) << bad;
    EXPECT_EQ(out.left_out[0].index, bad);
    EXPECT_THAT(out.left_out[0].why, HasSubstr("times as far"));
    EXPECT_EQ(out.noise[bad], 0);
    EXPECT_LT(rms(out.mu - spectrum::make().second), noise);
  }
}

TEST(Merge, ScalesAndSlopesDoNotCount) {
  auto scans = repeats(4);
  const VectorXd slope = 1e-4 * (scans[0].energy.array() - spectrum::e0);
  scans[1].mu = 1.3 * scans[1].mu + slope;
  scans[2].mu.array() += 0.7;
  const Merged out = merge(scans);
  EXPECT_THAT(out.left_out, IsEmpty());
  EXPECT_NEAR(out.sigma_one, noise * 1.07, 0.15 * noise);  // the mean's scale is 1.07
}

// A scan that ends early changes the noise where it ends, and nothing else: no step.
TEST(Merge, IncompleteScansGoAsFarAsTheyGo) {
  auto scans = repeats(3);
  const Index n = scans[0].energy.size(), end = n - 100;
  scans[1].mu = 1.1 * scans[1].mu.array() + 0.2;
  scans[1].energy.conservativeResize(end);
  scans[1].mu.conservativeResize(end);
  const Merged out = merge(scans);
  EXPECT_EQ(out.scans[end - 1], 3);
  EXPECT_EQ(out.scans[end], 2);
  ASSERT_EQ(out.warnings.size(), 1u);
  EXPECT_THAT(out.warnings[0], HasSubstr("scan 2"));
  EXPECT_GT(out.sigma.tail(80).mean(), 1.05 * out.sigma.head(end - 20).mean());
  const VectorXd truth = spectrum::make().second;
  VectorXd x = scans[0].energy.array() / 1000 - 9;
  Eigen::MatrixXd basis(n, 3);
  basis << truth, VectorXd::Ones(n), x;
  const Eigen::Vector3d c = (basis.transpose() * basis).ldlt().solve(basis.transpose() * out.mu);
  const VectorXd left = out.mu - basis * c;
  EXPECT_LT(std::abs(left.segment(end, 30).mean() - left.segment(end - 30, 30).mean()),
            4 * noise * std::sqrt(2 / 2.0 / 30));
}

TEST(Merge, TheGridIsThatOfAWholeScan) {
  auto scans = repeats(3);
  scans[0].energy.conservativeResize(100);
  scans[0].mu.conservativeResize(100);
  EXPECT_EQ(merge(scans).energy, scans[1].energy);
}

TEST(Merge, OtherGridsAreInterpolated) {
  const auto [energy, mu] = spectrum::make({.width = 3});
  const VectorXd moved = energy.array() + 0.2;
  auto scans = repeats(3);
  for (Repeat& scan : scans) scan.mu += mu - spectrum::make().second;
  // The same curve sampled 0.2 eV further on.
  const VectorXd elsewhere = moved.unaryExpr([](double x) {
    const double k = x > spectrum::e0 ? std::sqrt(etok * (x - spectrum::e0)) : 0.0;
    return 0.4 - 1e-4 * (x - spectrum::e0) +
           spectrum::step *
               (0.5 + std::atan((x - spectrum::e0) / 3) / 3.14159265358979 + spectrum::chi(k));
  });
  scans.push_back({moved, elsewhere});
  const Merged out = merge(scans);
  EXPECT_THAT(out.left_out, IsEmpty());
  EXPECT_LT(rms(out.mu - mu), noise);
}

TEST(Merge, OneScanKeepsItsOwnNoise) {
  const Merged out = merge(repeats(1));
  EXPECT_NEAR(out.sigma[5], noise, 0.2 * noise);
  EXPECT_EQ(out.warnings.size(), 1u);
}

TEST(Merge, HostileScansAreLeftOut) {
  auto scans = repeats(3);
  scans[1].mu[7] = std::numeric_limits<double>::quiet_NaN();
  scans.push_back({VectorXd::LinSpaced(5, 1, 2), VectorXd::Ones(5)});
  scans.push_back({VectorXd(), VectorXd()});
  scans.push_back({scans[0].energy, VectorXd::Ones(scans[0].energy.size())});
  scans.push_back({scans[0].energy.array() + 1e5, scans[0].mu});
  const Merged out = merge(scans);
  EXPECT_EQ(out.left_out.size(), 5u);
  EXPECT_LT(rms(out.mu - spectrum::make().second), noise);
  EXPECT_THROW(static_cast<void>(merge({})), Error);
  EXPECT_THROW(static_cast<void>(merge({scans[1]})), Error);
  EXPECT_THROW(static_cast<void>(merge(repeats(2), 0)), Error);
}

// Ten measured repeats, of which the peer's flattened spectra scatter by 0.0031 of the step above
// the edge (median over the points; 0.0049 before flattening, which a slope explains). The seventh
// lies 0.47 eV above the others: it is found, and is one of them once it is laid over the first.
TEST(Merge, OfMeasuredRepeatsFallsAsTheRoot) {
  SKIP_WITHOUT_ORACLE();
  std::vector<Repeat> scans;
  for (const auto& [name, answer] : oracle::answers().at("spectra").items())
    if (name.find("Cr2O3") != std::string::npos) {
      const auto data = oracle::curve(name, "mu");
      scans.push_back({data.col(0), data.col(1)});
    }
  ASSERT_EQ(scans.size(), 10u);
  const Merged found = merge(scans);
  ASSERT_EQ(found.left_out.size(), 1u);
  EXPECT_EQ(found.left_out[0].index, 6u);
  for (Repeat& scan : scans)
    scan.energy.array() += align(scan.energy, scan.mu, scans[0].energy, scans[0].mu, 6000).shift;
  const Merged all = merge(scans), four = merge({scans.begin(), scans.begin() + 4});
  EXPECT_THAT(all.left_out, IsEmpty());
  const double step = reduce(all.energy, all.mu, {}, {}).edge_step;
  EXPECT_NEAR(step, 11.24, 0.02 * 11.24);
  EXPECT_NEAR(all.sigma_one / step, 0.0031, 0.15 * 0.0031);
  EXPECT_NEAR(rms(all.sigma) / rms(four.sigma), std::sqrt(0.4), 0.15 * std::sqrt(0.4));
}

}  // namespace
}  // namespace twin::xas::merge_test
