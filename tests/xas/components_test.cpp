// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "message_of.h"
#include "xas/oracle.h"
#include "xas/xanes_curves.h"

namespace twin::xas::components_test {
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

MatrixXd fractions(std::mt19937_64& random, Eigen::Index scans, Eigen::Index n) {
  std::exponential_distribution<double> exponential(1.0);
  MatrixXd out = MatrixXd::NullaryExpr(scans, n, [&] { return exponential(random); });
  for (Eigen::Index i = 0; i < scans; ++i) out.row(i) /= out.row(i).sum();
  return out;
}

MatrixXd noisy(std::mt19937_64& random, MatrixXd series, double sigma) {
  std::normal_distribution<double> normal(0, sigma);
  return series.unaryExpr([&](double y) { return y + normal(random); });
}

TEST(Components, OfExactMixturesReproduceThem) {
  std::mt19937_64 random(1);
  const MatrixXd series = fractions(random, 9, 3) * pure(3);
  const Components found = analyse_components(series);
  EXPECT_NEAR(found.variance.sum(), 1, 1e-12);
  EXPECT_LT((reconstruct(found, 3) - series).norm(), 1e-10 * series.norm());
  EXPECT_GT((reconstruct(found, 2) - series).norm(), 1e-3 * series.norm());
  for (Eigen::Index i = 1; i < found.eigenvalues.size(); ++i)
    EXPECT_LE(found.eigenvalues[i], found.eigenvalues[i - 1]);
  EXPECT_NEAR(found.eigenvalues.sum(), series.squaredNorm(), 1e-9 * series.squaredNorm());
}

TEST(Components, TheOrderOfScansDoesNotMatter) {
  std::mt19937_64 random(2);
  const MatrixXd series = noisy(random, fractions(random, 12, 2) * pure(2), 2e-3);
  const Components a = analyse_components(series);
  const Components b = analyse_components(series.colwise().reverse());
  EXPECT_EQ(a.number, b.number);
  EXPECT_LT((a.eigenvalues - b.eigenvalues).norm(), 1e-9 * a.eigenvalues[0]);
}

TEST(Components, RealErrorIsTheNoise) {
  std::mt19937_64 random(3);
  const Components found =
      analyse_components(noisy(random, fractions(random, 30, 3) * pure(3), 4e-3));
  EXPECT_NEAR(found.real_error[2], 4e-3, 2e-4);  // 5400 numbers: 1 %
}

TEST(Components, OfMeasuredStandardsAreCountedRightInNineteenOfTwenty) {
  SKIP_WITHOUT_ORACLE();
  const std::string au = "cyanobacteria.prj::";
  std::vector<VectorXd> energies, norms;
  for (const char* name : {"Au3_Cl_aq", "Au_foil", "Au_sulphide"}) {
    const MatrixXd curve = oracle::curve(au + name, "mu");
    ASSERT_GT(curve.rows(), 0);
    energies.push_back(curve.col(0));
    norms.push_back(curve.col(2));
  }
  const CommonGrid grid = on_common_grid(energies, norms, 11899, 11979);
  std::mt19937_64 random(4);
  for (const Eigen::Index n : {1, 2, 3}) {
    int right = 0;
    constexpr int draws = 200;
    for (int i = 0; i < draws; ++i) {
      const MatrixXd mixtures = fractions(random, 15, n) * grid.spectra.topRows(n);
      right += analyse_components(noisy(random, mixtures, 3e-3)).number == n;
    }
    EXPECT_GE(right, draws * 95 / 100) << n;
  }
}

TEST(Components, ATargetThatIsInTheSeriesIsToldFromOneThatIsNot) {
  std::mt19937_64 random(5);
  const MatrixXd series = noisy(random, fractions(random, 20, 2) * pure(2), 2e-3);
  const Components found = analyse_components(series);
  const MatrixXd three = noisy(random, pure(3), 2e-3);
  const TargetTest in = test_target(found, 2, three.row(0).transpose());
  const TargetTest out = test_target(found, 2, three.row(2).transpose());
  EXPECT_LT(in.aet, 3e-3);
  EXPECT_GT(out.aet, 0.03);
  EXPECT_GT(out.spoil, 6);
  EXPECT_LT(in.spoil, out.spoil / 5);
  // A target without noise of its own is worse than the series predicts it by no more than that.
  const TargetTest exact = test_target(found, 2, pure(1).row(0).transpose());
  EXPECT_LT(exact.spoil, 1.5);
}

TEST(Components, RefuseWhatIsNoSeries) {
  const auto refused = [](const MatrixXd& series) {
    return message_of([&] { static_cast<void>(analyse_components(series)); });
  };
  EXPECT_THAT(refused(MatrixXd::Ones(1, 50)), HasSubstr("1 scans of 50 points"));
  MatrixXd bad = MatrixXd::Ones(4, 50);
  bad(2, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refused(bad), HasSubstr("not finite"));
  EXPECT_EQ(analyse_components(MatrixXd::Zero(4, 50)).number, 1);
  const VectorXd e = xanes::grid(), shorter = xanes::grid(0, 30);
  EXPECT_THAT(message_of([&] {
                static_cast<void>(on_common_grid({e, shorter}, {e, shorter}, e[0], e[100]));
              }),
              HasSubstr("scan 2 does not reach"));
  EXPECT_THAT(message_of([&] { static_cast<void>(on_common_grid({}, {}, 0, 1)); }),
              HasSubstr("no spectrum"));
}

}  // namespace
}  // namespace twin::xas::components_test
