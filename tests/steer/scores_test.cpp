// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/scores.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"

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

TEST(TrainedBasis, OfManyPointsNeedsNoMatrixOfPointsByPoints) {
  const VectorXd x = line(20000, 0, 10);
  const MatrixXd rows = two_rows(x);
  const auto most_kB = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = most_kB();
  TrainedBasis basis(x, rows);
  const auto found = basis({x, rows.transpose() * Eigen::Vector2d(3, -2)});
  EXPECT_LT(most_kB() - before, 200000);  // 20000² doubles are 3.2 GB
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->along[0], 3, 1e-9);
  EXPECT_NEAR(found->along[1], -2, 1e-9);
}

TEST(TrainedBasis, SoSmallThatItsInverseIsNotFiniteIsRefused) {
  const VectorXd x = line(20, 0, 10);
  EXPECT_THROW(TrainedBasis(x, 1e-310 * two_rows(x).topRows(1)), Error);
}

TEST(Bins, SayWhetherACurveIsTooShortOrItsNumbersTooLarge) {
  const VectorXd x = line(101, 0, 10);
  const auto refusal = [&](double most, double value) {
    try {
      Bins({x, VectorXd::Constant(101, value)}, std::pair(1.0, most), 6);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal(11, 1), "it does not reach over the range");
  EXPECT_EQ(refusal(9, 1.7e308), "its numbers are too large for means of them");
  EXPECT_EQ(refusal(9, 1), "");
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

}  // namespace
}  // namespace scores_test
