// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/running_basis.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace twin;
using namespace twin::steer;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace running_basis_test {

namespace {

VectorXd line(Index n, double from, double to) { return VectorXd::LinSpaced(n, from, to); }

/// Curves of 30 bins whose noise is smooth along them, and of other σ from bin to bin.
struct Made {
  explicit Made(unsigned seed) : random(seed), mix(bins, bins) {
    for (Index i = 0; i < bins; ++i)
      for (Index j = 0; j < bins; ++j)
        mix(i, j) = (1 + 0.05 * double(i)) * (std::exp(-std::pow(double(i - j) / 2, 2)) + (i == j));
  }
  VectorXd next() {
    const VectorXd white = VectorXd::NullaryExpr(bins, [&] { return normal(random); });
    return (0.01 * (mix * white)).array() + 5;
  }
  /// δ of a given |C^-½ δ|.
  [[nodiscard]] VectorXd shape(double size) const {
    const VectorXd one = (-(line(bins, -12, 17).array() / 2).square()).exp();
    return one * size / (0.01 * mix).lu().solve(one).norm();
  }
  static constexpr Index bins = 30;
  std::mt19937_64 random;
  std::normal_distribution<> normal;
  MatrixXd mix;
};

RunningBasis learnt(Made& made, int curves, const RunningSettings& settings = {}) {
  RunningBasis out(settings);
  for (int k = 0; k < curves; ++k) out.take(made.next(), k);
  return out;
}

TEST(RunningBasis, HasNoScoresWhileItLearns) {
  Made made(1);
  auto basis = learnt(made, 19);
  EXPECT_TRUE(basis.learning());
  EXPECT_FALSE(basis.scores(made.next(), 19));
  basis.take(made.next(), 19);
  EXPECT_FALSE(basis.learning());
  EXPECT_TRUE(basis.scores(made.next(), 20));
  EXPECT_FALSE(basis.scores(VectorXd::Ones(29), 20));
}

TEST(RunningBasis, WithoutAChangeScoresAreWhiteAndOfAboutUnitVariance) {
  double most_mean = 0, most_lag = 0, variance = 0, rest = 0;
  const int streams = 8, length = 400;
  for (unsigned seed = 1; seed <= streams; ++seed) {
    Made made(seed);
    auto basis = learnt(made, 20);
    Eigen::ArrayXXd z(length, 3);
    for (int k = 0; k < length; ++k) {
      const VectorXd x = made.next();
      const auto found = basis.scores(x, 20 + k);
      ASSERT_TRUE(found);
      z.row(k) << found->along[0], found->along[1], found->rest;
      basis.take(x, 20 + k);
    }
    const Eigen::ArrayXXd scores = z.leftCols(2);
    for (Index i = 0; i < 2; ++i) {
      const double square = scores.col(i).square().mean();
      most_mean = std::max(most_mean, std::abs(scores.col(i).mean()) / std::sqrt(square));
      most_lag = std::max(
          most_lag,
          std::abs((scores.col(i).head(length - 1) * scores.col(i).tail(length - 1)).mean()) /
              square);
      variance += square / (2 * streams);
    }
    rest += z.col(2).mean() / streams;
  }
  // 1/√400 is 0.05: of 16 the largest is below 4 of these but for one in a thousand.
  EXPECT_LT(most_mean, 0.2);
  EXPECT_LT(most_lag, 0.2);
  // W is of twenty curves: P finds what it has left.
  EXPECT_GT(variance, 0.8);
  EXPECT_LT(variance, 1.6);
  EXPECT_LT(std::abs(rest), 1.5);
}

TEST(RunningBasis, AShapeThatWasNeverSeenIsSeenAtOnceByTheRestThenByItsDirection) {
  Made made(5);
  auto basis = learnt(made, 120);
  const VectorXd step = made.shape(4);
  const VectorXd white = basis.whitening() * step;
  double first = 0, null = 0, later = 0;
  for (int k = 0; k < 60; ++k) {
    const VectorXd without = made.next(), x = without + step;
    const auto found = basis.scores(x, 120 + k);
    if (k < 5) {
      first += found->rest / 5;
      null += basis.scores(without, 120 + k)->rest / 5;
    }
    if (k >= 40) later += found->along.norm() / 20;
    basis.take(x, 120 + k);
  }
  // |r|² is more by 4² of 30, which is a deviate of about 16/√60, less what P has of it.
  EXPECT_GT(first, null + 1);
  EXPECT_GT(later, 2.0);
  const double cosine = (basis.directions().transpose() * white).norm() / white.norm();
  EXPECT_GT(cosine, 0.8);
}

TEST(RunningBasis, DirectionsTurnByAsLittleAsTheyCan) {
  Made made(7);
  auto basis = learnt(made, 40);
  const VectorXd step = made.shape(4);
  for (int k = 0; k < 80; ++k) {
    const MatrixXd before = basis.directions();
    basis.take(made.next() + (k >= 40 ? step : VectorXd::Zero(Made::bins)), 40 + k);
    const MatrixXd& now = basis.directions();
    EXPECT_NEAR((now.transpose() * now - MatrixXd::Identity(2, 2)).norm(), 0, 1e-9);
    // The nearest of all bases of the same plane: before'ᵀ now is symmetric and positive.
    const MatrixXd turn = before.transpose() * now;
    EXPECT_NEAR(turn(0, 1), turn(1, 0), 1e-9);
    EXPECT_GE(turn.trace(), -1e-9);
    EXPECT_GE(turn.determinant(), -1e-9);
  }
}

TEST(RunningBasis, AMeanThatDriftsIsFollowedWhereItMay) {
  Made made(9);
  RunningSettings settings;
  settings.drift = Drift::linear;
  RunningBasis basis(settings);
  const VectorXd slope = made.shape(0.1);
  double sum = 0;
  for (int k = 0; k < 400; ++k) {
    const VectorXd x = made.next() + k * slope;
    if (k >= 200) sum += basis.scores(x, k)->along.sum() / 400;
    basis.take(x, k);
  }
  EXPECT_LT(std::abs(sum), 0.3);
  EXPECT_FALSE(basis.scores(made.next(), std::numeric_limits<double>::quiet_NaN()));
}

TEST(RunningBasis, ABinThatNeverScattersCountsNoMoreThanItsNeighbours) {
  Made made(11);
  RunningBasis basis({});
  const auto with_dead = [&] {
    VectorXd x = made.next();
    x[3] = 0;
    return x;
  };
  for (int k = 0; k < 30; ++k) basis.take(with_dead(), k);
  const auto found = basis.scores(with_dead(), 30);
  ASSERT_TRUE(found);
  EXPECT_LT(found->along.norm(), 10);
  EXPECT_TRUE(std::isfinite(found->rest));
}

TEST(RunningBasis, OfCurvesThatAreAllAlikeIsNoneAndIsLearntFromOthers) {
  for (const double level : {0.0, 5.0, 1e-200}) {
    Made made(12);
    RunningBasis still({});
    for (int k = 0; k < 19; ++k) still.take(VectorXd::Constant(30, level), k);
    EXPECT_FALSE(still.failed());
    still.take(VectorXd::Constant(30, level), 19);
    EXPECT_TRUE(still.failed());
    EXPECT_TRUE(still.learning());
    for (int k = 20; k < 40; ++k) still.take(made.next(), k);
    EXPECT_FALSE(still.failed());
    EXPECT_TRUE(still.scores(made.next(), 40));
  }
}

TEST(RunningBasis, OneMadCurveAmongTheFirstIsLeftOut) {
  for (const auto drift : {Drift::none, Drift::linear})
    for (const int at : {0, 3, 19})
      for (const double mad : {1e4, 1e200}) {
        Made made(13), same(13);
        RunningSettings settings;
        settings.drift = drift;
        RunningBasis basis(settings), without(settings);
        for (int k = 0; k < 21; ++k) {
          if (k == at) {
            basis.take(VectorXd::Constant(30, mad), k);
            continue;
          }
          basis.take(made.next(), k);
          without.take(same.next(), k);
        }
        EXPECT_EQ(basis.left_out(), 1U);
        ASSERT_FALSE(basis.learning()) << at << ' ' << mad;
        EXPECT_EQ(basis.whitening(), without.whitening());
      }
}

TEST(RunningBasis, OneMadCurveIsNotLearntFromAndTwoInARowAre) {
  Made made(14);
  auto basis = learnt(made, 60), other = basis;
  const VectorXd mad = VectorXd::Constant(30, 1e4), fixed = made.next();
  EXPECT_TRUE(basis.is_far(mad, 60));
  EXPECT_FALSE(basis.is_far(fixed, 60));
  basis.take(mad, 60);
  const VectorXd next = made.next();
  basis.take(next, 61);
  other.take(next, 61);
  EXPECT_EQ(basis.directions(), other.directions());
  EXPECT_EQ(basis.scores(fixed, 62)->along, other.scores(fixed, 62)->along);
  EXPECT_EQ(basis.scores(fixed, 62)->rest, other.scores(fixed, 62)->rest);
  // A step by 30: from the second curve on directions turn to it.
  const VectorXd step = made.shape(30), white = basis.whitening() * step;
  basis.take(made.next() + step, 62);
  EXPECT_EQ(basis.directions(), other.directions());
  basis.take(made.next() + step, 63);
  EXPECT_GT((basis.directions().transpose() * white).norm() / white.norm(), 0.9);
  // And the mean follows.
  const double at_first = basis.scores(fixed + step, 64)->along.norm();
  for (int k = 64; k < 200; ++k) basis.take(made.next() + step, k);
  EXPECT_LT(basis.scores(fixed + step, 200)->along.norm(), 0.5 * at_first);
}

TEST(RunningBasis, ACovariateThatStoodStillMayBeRampedLater) {
  Made made(15);
  RunningSettings settings;
  settings.drift = Drift::linear;
  RunningBasis basis(settings);
  const VectorXd slope = made.shape(0.1);
  const auto take = [&](double kelvin, bool look) {
    const VectorXd x = made.next() + (kelvin - 300) * slope;
    const double size = look ? basis.scores(x, kelvin)->along.norm() : 0.0;
    basis.take(x, kelvin);
    return size;
  };
  for (int k = 0; k < 20; ++k) take(300 + 1e-7 * (k % 3 - 1), false);
  double most = 0;
  for (int k = 0; k < 200; ++k) most = std::max(most, take(300 + 0.5 * k, true));
  EXPECT_LT(most, 8);
}

}  // namespace
}  // namespace running_basis_test
