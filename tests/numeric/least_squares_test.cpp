// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/least_squares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace twin::numeric::least_squares_test {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double inf = std::numeric_limits<double>::infinity();

TEST(Polynomial, IsExactFarFromTheOrigin) {
  const VectorXd x = VectorXd::LinSpaced(50, 8977, 9977);
  const auto truth = [](double e) {
    const double t = (e - 9000) / 500;
    return 3 + t * (1 + t * (-0.5 + 0.1 * t));
  };
  const Polynomial found = fit_polynomial(x, x.unaryExpr(truth), 3);
  for (const double e : {8900.0, 8977.0, 9500.0, 10100.0}) EXPECT_NEAR(found(e), truth(e), 1e-11);
}

TEST(Polynomial, OrderZeroIsTheMean) {
  const VectorXd x = VectorXd::LinSpaced(4, 0, 3), y = x.array().square();
  EXPECT_NEAR(fit_polynomial(x, y, 0)(17.0), y.mean(), 1e-14);
}

TEST(Polynomial, ResidualsAreOrthogonalToTheBasis) {
  const VectorXd x = VectorXd::LinSpaced(40, 1, 9), y = (2 * x.array()).sin();
  const VectorXd rest = y - fit_polynomial(x, y, 2)(x);
  EXPECT_NEAR(rest.sum(), 0, 1e-12);
  EXPECT_NEAR(rest.dot(x), 0, 1e-11);
  EXPECT_NEAR(rest.dot(x.cwiseAbs2()), 0, 1e-10);
}

TEST(Polynomial, RefusesTooFewPoints) {
  const VectorXd x = VectorXd::LinSpaced(3, 0, 1);
  EXPECT_THROW((void)fit_polynomial(x, x, 3), Error);
  EXPECT_THROW((void)fit_polynomial(VectorXd::Ones(4), x.replicate(2, 1).topRows(4), 1), Error);
}

// y = a exp(-b t), its derivatives, and data for a = 2, b = 0.7.
struct Decay {
  VectorXd t = VectorXd::LinSpaced(20, 0, 4), data = 2 * (-0.7 * t.array()).exp();
  void operator()(const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) const {
    const VectorXd wave = (-x[1] * t.array()).exp();
    residual = data - x[0] * wave;
    if (!jacobian) return;
    jacobian->resize(t.size(), 2);
    *jacobian << -wave, (x[0] * t).cwiseProduct(wave);
  }
};

VectorXd pair(double a, double b) { return (VectorXd(2) << a, b).finished(); }

// The terms round differently at the start than where the data were made: there is no lower cost.
TEST(LeastSquares, OfDataWithoutNoiseEndsAtRounding) {
  const Decay decay;
  const VectorXd free = VectorXd::Constant(2, inf);
  for (double off = 1e-15; off < 1e-3; off *= 1.7) {
    const auto fit = least_squares(decay, pair(2 + off, 0.7 - off), -free, free);
    EXPECT_TRUE(fit.converged) << off;
    EXPECT_NEAR(fit.x[0], 2, 1e-12) << off;
    EXPECT_LT(fit.evaluations, 12) << off;
  }
}

TEST(LeastSquares, FindsTheParametersOfExactData) {
  const LeastSquaresFit fit = least_squares(Decay{}, pair(1, 3), pair(-inf, -inf), pair(inf, inf));
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.x[0], 2, 1e-10);
  EXPECT_NEAR(fit.x[1], 0.7, 1e-10);
  EXPECT_LT(fit.evaluations, 30);
}

TEST(LeastSquares, GradientVanishesAtTheMinimumOfNoisyData) {
  Decay decay;
  for (Eigen::Index i = 0; i < 20; ++i)
    decay.data[i] += 0.1 * std::sin(5.0 * static_cast<double>(i));
  const LeastSquaresFit fit = least_squares(decay, pair(1, 0.1), pair(-inf, -inf), pair(inf, inf),
                                            {.max_evaluations = 200, .tolerance = 1e-9});
  EXPECT_TRUE(fit.converged);
  EXPECT_LT((fit.jacobian.transpose() * fit.residual).cwiseAbs().maxCoeff(), 1e-8);
}

TEST(LeastSquares, StopsAtABoundAndFitsTheRest) {
  const LeastSquaresFit fit = least_squares(Decay{}, pair(1, 0.1), pair(-inf, 0), pair(inf, 0.5));
  EXPECT_TRUE(fit.converged);
  EXPECT_EQ(fit.x[1], 0.5);
  const VectorXd wave = (-0.5 * Decay{}.t.array()).exp();
  EXPECT_NEAR(fit.x[0], wave.dot(Decay{}.data) / wave.squaredNorm(), 1e-7);
}

TEST(LeastSquares, LeavesABoundAgain) {
  const LeastSquaresFit fit = least_squares(Decay{}, pair(9, 5), pair(0, 0), pair(10, 5));
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.x[1], 0.7, 1e-9);
}

TEST(LeastSquares, ReachShortensStepsAndChangesNothingElse) {
  VectorXd farthest = VectorXd::Zero(2), last = pair(1, 0.1);
  const Residuals watched = [&](const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) {
    farthest = farthest.cwiseMax((x - last).cwiseAbs());
    last = x;
    Decay{}(x, residual, jacobian);
  };
  const LeastSquaresFit fit =
      least_squares(watched, pair(1, 0.1), pair(-inf, -inf), pair(inf, inf),
                    {.max_evaluations = 200, .tolerance = 1e-9, .reach = pair(inf, 0.05)});
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.x[1], 0.7, 1e-9);
  EXPECT_LE(farthest[1], 0.05 + 1e-12);
  EXPECT_GT(fit.evaluations, 12);  // 0.6 to go
}

TEST(LeastSquares, FewStepsWhereResidualsStayLarge) {
  // Steps shrink by a constant factor there, which costs many of them unless it is made use
  // of.
  Decay decay;
  for (Eigen::Index i = 0; i < 20; ++i) decay.data[i] += 3 * std::sin(5.0 * static_cast<double>(i));
  const LeastSquaresFit fit = least_squares(decay, pair(1, 0.1), pair(-inf, -inf), pair(inf, inf),
                                            {.max_evaluations = 200, .tolerance = 1e-7});
  EXPECT_TRUE(fit.converged);
  EXPECT_LT((fit.jacobian.transpose() * fit.residual).cwiseAbs().maxCoeff(), 1e-5);
  EXPECT_LT(fit.evaluations, 9);  // 12 by those steps themselves
}

TEST(LeastSquares, SaysThatItDidNotConverge) {
  EXPECT_FALSE(least_squares(Decay{}, pair(1, 3), pair(-inf, -inf), pair(inf, inf),
                             {.max_evaluations = 2, .tolerance = 1e-9})
                   .converged);
  const Residuals broken = [](const VectorXd&, VectorXd& residual, MatrixXd* jacobian) {
    residual = VectorXd::Constant(3, std::numeric_limits<double>::quiet_NaN());
    if (jacobian) *jacobian = MatrixXd::Ones(3, 2);
  };
  EXPECT_FALSE(least_squares(broken, pair(1, 1), pair(-inf, -inf), pair(inf, inf)).converged);
}

TEST(LeastSquares, RosenbrocksValley) {
  const Residuals valley = [](const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) {
    residual = pair(10 * (x[1] - x[0] * x[0]), 1 - x[0]);
    if (jacobian) *jacobian = (MatrixXd(2, 2) << -20 * x[0], 10, -1, 0).finished();
  };
  const LeastSquaresFit fit =
      least_squares(valley, pair(-1.2, 1), pair(-inf, -inf), pair(inf, inf));
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.x[0], 1, 1e-8);
  EXPECT_NEAR(fit.x[1], 1, 1e-8);
}

TEST(InverseNormal, IsTheInverseWhateverTheUnits) {
  MatrixXd j(4, 2);
  j << 1, 2e6, 3, 1e6, -1, 4e6, 2, 0.5e6;
  const InverseNormal out = inverse_normal(j);
  EXPECT_EQ(out.rank, 2);
  const MatrixXd unit = (j.transpose() * j) * out.covariance;
  EXPECT_NEAR(unit(0, 0), 1, 1e-9);
  EXPECT_NEAR(unit(1, 1), 1, 1e-9);
  EXPECT_LT(out.lost.maxCoeff(), 1e-12);
}

TEST(InverseNormal, NamesWhatIsLost) {
  MatrixXd j(4, 3);
  j << 1, 2, 0, 3, 6, 0, -1, -2, 0, 2, 4, 0;  // the second is twice the first, the third is nothing
  const InverseNormal out = inverse_normal(j);
  EXPECT_EQ(out.rank, 1);
  for (Eigen::Index i = 0; i < 3; ++i) EXPECT_GT(out.lost[i], 0.4);
}

}  // namespace
}  // namespace twin::numeric::least_squares_test
