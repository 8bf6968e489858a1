// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/spline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace twin::numeric::spline_test {
namespace {

// Uneven, as measured grids are.
Eigen::VectorXd uneven(Eigen::Index n) {
  Eigen::VectorXd x(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto t = static_cast<double>(i);
    x[i] = 0.3 * t + 0.1 * std::sin(1.7 * t);
  }
  return x;
}

double cubic(double x) { return 1 + x * (-2 + x * (0.5 - 0.25 * x)); }
double cubic_slope(double x) { return -2 + x * (1 - 0.75 * x); }

TEST(Spline, ReproducesACubicEverywhereAndBeyondItsEnds) {
  for (const Eigen::Index n : {4, 5, 6, 30}) {
    const Eigen::VectorXd x = uneven(n);
    const Eigen::VectorXd at = Eigen::VectorXd::LinSpaced(57, x[0] - 0.5, x[n - 1] + 0.5);
    const Eigen::VectorXd y = CubicInterpolator(x, at)(x.unaryExpr(&cubic));
    const CubicSpline spline(x, x.unaryExpr(&cubic));
    Eigen::Index hint = 0;
    double value = 0, slope = 0;
    for (Eigen::Index i = 0; i < at.size(); ++i) {
      spline.evaluate(at[i], hint, &value, &slope);
      const double size = 1e-12 * (1 + std::pow(std::abs(at[i]), 3));
      EXPECT_NEAR(y[i], cubic(at[i]), 10 * size) << n << " points, at " << at[i];
      EXPECT_NEAR(value, cubic(at[i]), 10 * size);
      EXPECT_NEAR(slope, cubic_slope(at[i]), 30 * size);
    }
  }
}

TEST(Spline, PassesThroughItsPoints) {
  const Eigen::VectorXd x = uneven(40);
  const Eigen::VectorXd y = (3 * x.array()).sin();
  EXPECT_LT((CubicInterpolator(x, x)(y) - y).cwiseAbs().maxCoeff(), 1e-14);
}

TEST(Spline, ErrorFallsAtLeastWithTheFourthPowerOfTheStep) {
  const auto worst = [](Eigen::Index n) {
    const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(n, 0, 3);
    const Eigen::VectorXd at = Eigen::VectorXd::LinSpaced(1000, 0, 3);
    const Eigen::VectorXd truth = at.array().sin();
    return (CubicInterpolator(x, at)(x.array().sin()) - truth).cwiseAbs().maxCoeff();
  };
  EXPECT_GT(std::log2(worst(61) / worst(121)),
            3.8);  // the ends, where it is worst, do a little better
}

TEST(Spline, ColumnsAreIndependentAndHintsDoNotMatter) {
  const Eigen::VectorXd x = uneven(20);
  Eigen::MatrixXd y(20, 2);
  y << x.array().sin(), x.array().cos();
  const CubicSpline both(x, y), second(x, y.col(1));
  for (const double at : {3.3, 0.2, 5.0, -1.0, 9.0, 1.1}) {
    EXPECT_EQ(both(at)[1], second(at)[0]);
    Eigen::Index hint = 17;
    double value[2], slope[2];
    both.evaluate(at, hint, value, slope);
    EXPECT_EQ(value[0], both(at)[0]);
  }
}

TEST(Spline, RefusesWhatIsNoGrid) {
  const auto make = [](std::initializer_list<double> points) {
    Eigen::VectorXd x(static_cast<Eigen::Index>(points.size()));
    std::copy(points.begin(), points.end(), x.data());
    return SplineGrid(x);
  };
  EXPECT_THROW(make({}), Error);
  EXPECT_THROW(make({0, 1, 2}), Error);
  EXPECT_THROW(make({0, 1, 1, 2}), Error);
  EXPECT_THROW(make({0, 2, 1, 3}), Error);
  EXPECT_THROW(make({0, 1, std::numeric_limits<double>::quiet_NaN(), 3}), Error);
  EXPECT_NO_THROW(make({0, 1, 2, 3}));
}

}  // namespace
}  // namespace twin::numeric::spline_test
