// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/dead_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "core/error.h"

namespace twin::xas::dead_time_test {
namespace {

using Eigen::VectorXd;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr double tau = 3e-6;

TEST(DeadTime, IsUndone) {
  const VectorXd truth = VectorXd::LinSpaced(400, 0, 0.999 / tau);
  const VectorXd seen = truth.array() * (-tau * truth.array()).exp();
  const TrueRates found = undo_dead_time(seen, tau);
  EXPECT_THAT(found.saturated, IsEmpty());
  for (int i = 0; i < 400; ++i)  // the inverse is ill conditioned at the maximum, as its slope says
    EXPECT_NEAR(found.rate[i], truth[i], 1e-15 * found.slope[i] * seen[i] + 1e-9 * truth[i]) << i;
}

TEST(DeadTime, SlopeIsTheDerivative) {
  const VectorXd seen = VectorXd::LinSpaced(20, 1e3, 1.1e5);
  const double h = 0.5;
  const TrueRates at = undo_dead_time(seen, tau);
  const VectorXd up = undo_dead_time(seen.array() + h, tau).rate,
                 down = undo_dead_time(seen.array() - h, tau).rate;
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR((up[i] - down[i]) / (2 * h), at.slope[i], 1e-5 * at.slope[i]);
}

TEST(DeadTime, OfNothingChangesNothing) {
  const VectorXd seen = VectorXd::LinSpaced(5, 0, 1e5);
  EXPECT_EQ(undo_dead_time(seen, 0).rate, seen);
  EXPECT_EQ(undo_dead_time(VectorXd::Zero(3), tau).rate, VectorXd::Zero(3));
  EXPECT_EQ(undo_dead_time(VectorXd(), tau).rate.size(), 0);
}

TEST(DeadTime, MoreThanTheMostIsFlagged) {
  const double most = 1 / (std::numbers::e * tau);
  const TrueRates found = undo_dead_time(Eigen::Vector3d(0.5 * most, 1.001 * most, 3 * most), tau);
  EXPECT_THAT(found.saturated, ElementsAre(1, 2));
  EXPECT_EQ(found.rate[2], 1 / tau);
  EXPECT_TRUE(std::isinf(found.slope[2]));
  EXPECT_LT(found.rate[0], 1 / tau);
}

TEST(DeadTime, CountsHaveTheirTimes) {
  const Eigen::Vector2d counts(2e4, 2e5), time(0.5, 5);
  const TrueRates found = undo_dead_time(counts, tau, time);
  EXPECT_NEAR(found.rate[1], 10 * found.rate[0], 1e-6);
  EXPECT_NEAR(found.rate[0] / 0.5, undo_dead_time(Eigen::VectorXd::Constant(1, 4e4), tau).rate[0],
              1e-6);
}

TEST(DeadTime, ByRatesOfTheElectronics) {
  const TrueRates found = undo_dead_time_by_rates(
      Eigen::Vector3d(100, 0, 100), Eigen::Vector3d(2e5, 0, 3e5), Eigen::Vector3d(1e5, 0, 1e5));
  EXPECT_EQ(found.rate, Eigen::Vector3d(200, 0, 300));
  EXPECT_EQ(found.slope[0], 2);
  EXPECT_THAT(found.saturated, ElementsAre(2));
}

TEST(DeadTime, RefusesWhatIsNoRate) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Eigen::Vector2d good(1, 2), bad(1, nan), negative(1, -2);
  EXPECT_THROW(static_cast<void>(undo_dead_time(bad, tau)), Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time(negative, tau)), Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time(good, -tau)), Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time(good, nan)), Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time(good, tau, Eigen::Vector2d(0, 1))), Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time(good, tau, Eigen::Vector3d(1, 1, 1))), Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time_by_rates(good, good, Eigen::Vector2d(0, 1))),
               Error);
  EXPECT_THROW(static_cast<void>(undo_dead_time_by_rates(good, bad, good)), Error);
}

}  // namespace
}  // namespace twin::xas::dead_time_test
