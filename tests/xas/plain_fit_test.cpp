// SPDX-License-Identifier: GPL-3.0-or-later
// The quick fit against the plain one: what was made short must not be less.
#include "xas/plain_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "numeric/lanes.h"
#include "xas/made_up_path.h"
#include "xas/path_kernel.h"
#include "xas/path_model.h"
#include "xas/projection.h"
#include "xas/transform.h"

namespace twin::xas::plain_fit_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// A shell, a second one, something that no path explains, and noise.
VectorXd data(const std::vector<ScatteringPath>& paths) {
  VectorXd chi = VectorXd::Zero(361);
  double sigma2 = 0.006;
  for (const ScatteringPath& path : paths)
    chi += path_chi(path, {.amplitude = 11, .e0 = 4, .delta_r = 0.013, .sigma2 = sigma2 += 0.002},
                    k_grid(361));
  unsigned state = 3;
  for (Index i = 0; i < chi.size(); ++i) {
    const double k = kstep * static_cast<double>(i);
    state = state * 1664525u + 1013904223u;
    chi[i] += 0.02 * std::sin(4.1 * k) / (1 + k * k) + 1e-3 * (state / 4294967296.0 - 0.5);
  }
  return chi;
}

record::PathSettings free_path(const std::string& name, bool first) {
  record::PathSettings out;
  out.name = name;
  out.n.free = out.r.free = out.sigma2.free = true;
  out.e0.free = first;
  return out;
}

class PlainFit : public testing::TestWithParam<std::pair<std::vector<double>, std::string>> {};

TEST_P(PlainFit, AgreesFarWithinTheUncertainty) {
  record::FitSettings settings;
  settings.kmax = 14;
  settings.rmax = 3.8;
  settings.kweights = GetParam().first;
  settings.window = GetParam().second;
  const std::vector<ScatteringPath> all{made_up_pair(2.55), made_up_pair(3.6)};
  for (std::size_t n = 1; n <= 2; ++n) {
    const std::vector<ScatteringPath> paths(all.begin(), all.begin() + static_cast<Index>(n));
    std::vector<record::PathSettings> given{free_path("A-A.1", true), free_path("A-A.2", false)};
    given.resize(n);
    VectorXd start(7);
    start << 1, 2.55, 0.005, 0, 1, 3.6, 0.005;
    const VectorXd chi = data(paths);
    const Fit quick = fit(chi, settings, given, paths, 1.0);
    const plain::Fit slow =
        plain::fit(chi, settings, paths, start.head(3 * static_cast<Index>(n) + 1));
    ASSERT_TRUE(quick.converged);
    EXPECT_LE(quick.evaluations, slow.evaluations + 2);  // rounding decides on the last
    // Both stop where a step is below 1e-5 of a standard error.
    for (Index i = 0; i < quick.values.size(); ++i)
      EXPECT_NEAR(quick.values[i], slow.values[i], 2e-6 * std::sqrt(slow.covariance(i, i)))
          << quick.names[static_cast<size_t>(i)];
    EXPECT_LT((quick.covariance - slow.covariance).norm(), 1e-7 * slow.covariance.norm());
    EXPECT_NEAR(quick.reduced_chi2 / slow.reduced_chi2, 1, 1e-9);
    EXPECT_NEAR(quick.r_factor / slow.r_factor, 1, 1e-9);
    EXPECT_NEAR(quick.epsilon_r / slow.epsilon_r, 1, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, PlainFit,
                         testing::Values(std::pair{std::vector<double>{2}, std::string("hanning")},
                                         std::pair{std::vector<double>{1, 2, 3},
                                                   std::string("hanning")},
                                         std::pair{std::vector<double>{3}, std::string("kaiser")}));

class OfWidth : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    numeric::limit_width(GetParam());
    if (numeric::widest() != GetParam()) GTEST_SKIP() << "skipped: no processor of that width";
  }
  void TearDown() override { numeric::limit_width(8); }
};

INSTANTIATE_TEST_SUITE_P(PlainFit, OfWidth, testing::Values(2, 4, 8));

TEST_P(OfWidth, ThinProductIsTheProduct) {
  for (const int rows : {1, 5, 8, 27, 33, 71})
    for (const int columns : {1, 4, 7}) {
      Eigen::Matrix<double, -1, -1, Eigen::RowMajor> m =
          Eigen::Matrix<double, -1, -1, Eigen::RowMajor>::Zero(50, (rows + 7) / 8 * 8);
      m.leftCols(rows) = Eigen::MatrixXd::Random(50, rows);
      const Eigen::MatrixXd x = Eigen::MatrixXd::Random(50, columns);
      Eigen::MatrixXd out = Eigen::MatrixXd::Constant(rows, columns, 1e9);
      thin_product(m, x, out);
      EXPECT_LT((out - m.leftCols(rows).transpose() * x).cwiseAbs().maxCoeff(), 1e-14)
          << rows << " rows, " << columns << " columns";
    }
}

TEST_P(OfWidth, PathEquationInRealNumbersIsTheComplexOne) {
  const ScatteringPath path = made_up_pair(2.55);
  const PathValues v{
      .amplitude = 9, .e0 = 3, .delta_r = -0.02, .sigma2 = 0.007, .c3 = 3e-4, .c4 = 2e-5};
  const VectorXd k = VectorXd::LinSpaced(203, 1.5, 18);
  VectorXd chi = VectorXd::Zero(k.size());
  Eigen::MatrixXd slopes;
  PathModel(path).add(v, k, chi, &slopes);
  Eigen::VectorXd expected(k.size());
  Eigen::MatrixXd expected_slopes(k.size(), 6);
  for (Index i = 0; i < k.size(); ++i) {
    const plain::Point point = plain::path_point(path, v, k[i]);
    expected[i] = point.chi;
    for (int j = 0; j < 6; ++j) expected_slopes(i, j) = point.slope[j];
  }
  // The phase reaches 100 rad: rounding of it is 1e-14.
  EXPECT_LT((chi - expected).cwiseAbs().maxCoeff(), 1e-12 * expected.cwiseAbs().maxCoeff());
  for (int j = 0; j < 6; ++j)
    EXPECT_LT((slopes - expected_slopes).col(j).cwiseAbs().maxCoeff(),
              1e-12 * expected_slopes.col(j).cwiseAbs().maxCoeff())
        << "parameter " << j;
}

TEST_P(OfWidth, WithoutCumulantsItIsTheSame) {
  const ScatteringPath path = made_up_pair(2.55);
  PathValues v{.amplitude = 9, .e0 = 3, .delta_r = -0.02, .sigma2 = 0.007};
  const VectorXd k = VectorXd::LinSpaced(37, 1.5, 18);
  VectorXd chi = VectorXd::Zero(k.size()), again = chi;
  Eigen::MatrixXd slopes, all;
  PathModel(path).add(v, k, chi, &slopes, 15);
  PathModel(path).add(v, k, again, &all, 63);
  EXPECT_LT((chi - again).cwiseAbs().maxCoeff(), 1e-13 * chi.cwiseAbs().maxCoeff());
  for (int j = 0; j < 4; ++j)
    EXPECT_LT((slopes - all).col(j).cwiseAbs().maxCoeff(),
              1e-13 * all.col(j).cwiseAbs().maxCoeff());
}

TEST(Projection, HasFewRowsAndIsMadeOnce) {
  const auto one = Projection::get({}), other = Projection::get({});
  EXPECT_EQ(one, other);
  EXPECT_EQ(one->points(), 2 * 52);
  EXPECT_LT(static_cast<double>(one->rows()), 2.5 * one->n_idp() + 10);
  record::FitSettings wider;
  wider.rmax = 4;
  EXPECT_NE(Projection::get(wider), one);
}

}  // namespace
}  // namespace twin::xas::plain_fit_test
