// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/scores.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <random>

#include "core/error.h"
#include "steer/running_basis.h"

using namespace twin;
using namespace twin::steer;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace scores_test {

namespace {

VectorXd line(Index n, double from, double to) { return VectorXd::LinSpaced(n, from, to); }

VectorXd wave(const VectorXd& x, double times) { return (times * x.array()).sin().matrix(); }

/// Two rows that are not orthogonal, over 0 .. 10.
MatrixXd two_rows(const VectorXd& x) {
  MatrixXd out(2, x.size());
  out.row(0) = wave(x, 0.7).transpose();
  out.row(1) = (wave(x, 0.7) + wave(x, 0.4)).transpose();
  return out;
}

TEST(TrainedBasis, GivesTheCoefficientsOfACurveThatIsInIt) {
  const VectorXd x = line(60, 0, 10);
  const MatrixXd rows = two_rows(x);
  TrainedBasis basis(x, rows);
  const auto found = basis({x, rows.transpose() * Eigen::Vector2d(3, -2)});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->along[0], 3, 1e-12);
  EXPECT_NEAR(found->along[1], -2, 1e-12);
  EXPECT_NEAR(found->rest, 0, 1e-12);
}

TEST(TrainedBasis, TheRestIsTheRmsOfWhatNoRowHas) {
  const VectorXd x = line(60, 0, 10);
  const MatrixXd rows = two_rows(x);
  // Made orthogonal to both rows.
  VectorXd other = wave(x, 3);
  other -= rows.transpose() * (rows * rows.transpose()).ldlt().solve(rows * other);
  TrainedBasis basis(x, rows);
  const auto found = basis({x, rows.row(0).transpose() + other});
  EXPECT_NEAR(found->along[0], 1, 1e-12);
  EXPECT_NEAR(found->rest, other.norm() / std::sqrt(60.0), 1e-12);
}

TEST(TrainedBasis, TakesACurveOnAnotherGridThatReachesOverItsOwn) {
  const VectorXd x = line(101, 2, 8), finer = line(200, 1.97, 8.5);
  TrainedBasis basis(x, two_rows(x));
  const auto found = basis({finer, two_rows(finer).transpose() * Eigen::Vector2d(1, 2)});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->along[0], 1, 1e-5);  // of cubic splines
  EXPECT_NEAR(found->along[1], 2, 1e-5);
  const VectorXd shorter = line(200, 2.1, 8.5);
  EXPECT_FALSE(basis({shorter, wave(shorter, 1)}));
}

TEST(TrainedBasis, RefusesWhatIsNone) {
  const VectorXd x = line(20, 0, 10);
  const MatrixXd rows = two_rows(x);
  EXPECT_THROW(TrainedBasis(x.head(19), rows), Error);
  EXPECT_THROW(TrainedBasis(x.reverse(), rows), Error);
  EXPECT_THROW(TrainedBasis(x, MatrixXd(0, 20)), Error);
  MatrixXd same = rows, hole = rows;
  same.row(1) = -2 * same.row(0);
  EXPECT_THROW(TrainedBasis(x, same), Error);
  hole(1, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(TrainedBasis(x, hole), Error);
  EXPECT_THROW(TrainedBasis(line(4, 0, 1), MatrixXd(MatrixXd::Identity(4, 4))), Error);
}

TEST(Bins, AreTheMeansOfTheStraightLinesBetweenThePoints) {
  const VectorXd x = line(101, 0, 10);
  Bins bins({x, x}, std::pair(1.0, 9.0), 6);
  ASSERT_EQ(bins.count(), 40);  // 81 points, two in each
  const auto means = bins({x, 2 * x});
  ASSERT_TRUE(means);
  for (Index i = 0; i < 40; ++i) EXPECT_NEAR((*means)[i], 2 * (1.1 + 0.2 * double(i)), 1e-12);
  // Of any other grid, uneven and a little short, the same.
  VectorXd uneven(60);
  for (Index i = 0; i < 60; ++i) uneven[i] = 1.05 + 8.0 * std::pow(double(i) / 59, 1.3);
  const auto other = bins({uneven, 2 * uneven});
  ASSERT_TRUE(other);
  EXPECT_NEAR((*other - *means).segment(1, 38).cwiseAbs().maxCoeff(), 0, 1e-12);
  EXPECT_FALSE(bins({line(50, 1.2, 9), line(50, 1.2, 9)}));
}

TEST(Bins, AreNoNarrowerThanTheWidestStep) {
  VectorXd x(60);
  for (Index i = 0; i < 60; ++i) x[i] = i < 20 ? double(i) : 20 + 0.25 * double(i - 20);
  EXPECT_EQ(Bins({x, x}, {}, 6).count(), 29);
  EXPECT_THROW(Bins({x, x}, std::pair(0.0, 5.0), 6), Error);
  EXPECT_THROW(Bins({x, x}, std::pair(-9.0, 20.0), 6), Error);
}

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
  EXPECT_LT(variance, 2.5);
  EXPECT_LT(std::abs(rest), 1.5);
}

TEST(RunningBasis, AShapeThatWasNeverSeenIsSeenAtOnceByTheRestThenByItsDirection) {
  Made made(5);
  auto basis = learnt(made, 120);
  const VectorXd step = made.shape(4);
  const VectorXd white = basis.whitening() * step;
  double first = 0, later = 0;
  for (int k = 0; k < 60; ++k) {
    const VectorXd x = made.next() + step;
    const auto found = basis.scores(x, 120 + k);
    if (k < 5) first += found->rest / 5;
    if (k >= 40) later += found->along.norm() / 20;
    basis.take(x, 120 + k);
  }
  EXPECT_GT(first, 0.8);
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
  // Mad numbers among those that are learnt from: it begins again.
  RunningBasis mad({});
  for (int k = 0; k < 39; ++k) mad.take(k == 3 ? VectorXd::Constant(30, 1e200) : made.next(), k);
  EXPECT_TRUE(mad.learning());
  mad.take(made.next(), 39);
  ASSERT_TRUE(mad.scores(made.next(), 40));
  EXPECT_LT(mad.scores(made.next(), 40)->along.norm(), 10);
  // Nothing at all scatters: no numbers that are none.
  RunningBasis still({});
  for (int k = 0; k < 30; ++k) still.take(VectorXd::Constant(30, 5), k);
  ASSERT_TRUE(still.scores(VectorXd::Constant(30, 5), 30));
}

}  // namespace
}  // namespace scores_test
