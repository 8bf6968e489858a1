// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/nonnegative.h"

#include <gtest/gtest.h>

#include <random>

#include "core/error.h"

namespace twin::numeric::nonnegative_test {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

TEST(Nonnegative, WithoutAnythingToHoldItIsTheInverse) {
  MatrixXd normal(2, 2);
  normal << 2, 1, 1, 3;
  const VectorXd x = Eigen::Vector2d(0.4, 0.7);
  EXPECT_LT((nonnegative_solve(normal, normal * x) - x).norm(), 1e-14);
}

TEST(Nonnegative, MeetsTheConditionsOfAMinimum) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (int draw = 0; draw < 200; ++draw) {
    const Eigen::Index n = 1 + draw % 6;
    const MatrixXd a = MatrixXd::NullaryExpr(12, n, [&] { return normal(random); });
    const VectorXd b = VectorXd::NullaryExpr(12, [&] { return normal(random); });
    const VectorXd x = nonnegative_solve(a.transpose() * a, a.transpose() * b);
    const VectorXd gradient = a.transpose() * (a * x - b);
    EXPECT_GE(x.minCoeff(), 0);
    EXPECT_GE(gradient.minCoeff(), -1e-9);  // no direction up from zero lowers the sum
    EXPECT_LT(std::abs(x.dot(gradient)), 1e-9);
  }
}

TEST(Nonnegative, ColumnsThatRepeatOthersAreNoTrouble) {
  const MatrixXd normal = MatrixXd::Constant(3, 3, 2.0);
  const VectorXd x = nonnegative_solve(normal, VectorXd::Constant(3, 2.0));
  EXPECT_NEAR(x.sum(), 1, 1e-12);
  EXPECT_EQ(nonnegative_solve(normal, VectorXd::Constant(3, -1.0)), VectorXd::Zero(3));
  EXPECT_THROW(static_cast<void>(nonnegative_solve(normal, VectorXd::Ones(2))), Error);
}

}  // namespace
}  // namespace twin::numeric::nonnegative_test
