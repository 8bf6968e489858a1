// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "foretold.h"

using namespace twin;
using namespace forecast_made;

namespace forecast_test {

namespace {

TEST(Forecast, SaysNothingBeforeAMatchHasSaidWhichStructureThereIs) {
  Twin twin;
  Forecast forecast(twin.policy);
  for (int k = 0; k < 20; ++k) twin.measures(forecast, k, 0);
  EXPECT_FALSE(forecast.prediction().has_value());
  twin.tells(forecast, "delta");
  for (int k = 20; k < 30; ++k) twin.measures(forecast, k, 0);
  EXPECT_FALSE(forecast.prediction().has_value());
  Twin::matches(forecast, 29, "delta", record::Answer::no_match);
  EXPECT_FALSE(forecast.prediction().has_value());
  EXPECT_FALSE(forecast.news().has_value());
  Twin::matches(forecast, 29, "delta");
  ASSERT_TRUE(forecast.prediction().has_value());
  EXPECT_NEAR(forecast.prediction()->now, Twin::kelvin(29), 0.5);
  EXPECT_NEAR(forecast.prediction()->rate * 60, 2, 0.1);
  EXPECT_LT(forecast.prediction()->probability, 0.1);
}

TEST(Forecast, IsRaisedBeforeTheChangeAndLoweredBehindIt) {
  for (const double at : {592.0, 600.0, 607.0}) {
    Twin twin;
    Forecast forecast(twin.policy);
    twin.tells(forecast, "delta");
    twin.tells(forecast, "structure");
    double raised = 0, lowered = 0;
    int told = 0;
    for (int k = 0; k < 260; ++k) {
      const double x = converted(Twin::kelvin(k), at);
      twin.measures(forecast, k, x);
      if (k % 5 == 4 && std::abs(x - 0.5) > 0.3)
        Twin::matches(forecast, k, x < 0.5 ? "delta" : "structure");
      if (forecast.expected() && raised == 0) raised = Twin::kelvin(k);
      if (!forecast.expected() && raised > 0 && lowered == 0) lowered = Twin::kelvin(k);
      const auto news = forecast.news();
      if (!news) continue;
      ++told;
      EXPECT_EQ(news->what, "forecast");
      EXPECT_EQ(news->first, "delta");
      EXPECT_EQ(news->second, "structure");
      EXPECT_NE(news->text.find("probability"), std::string::npos);
    }
    EXPECT_GT(raised, 575) << at;
    EXPECT_LT(raised, at - 4) << at;  // before the onset
    EXPECT_GT(lowered, at) << at;
    EXPECT_LT(lowered, at + 12) << at;
    EXPECT_GT(told, 3);
    EXPECT_LT(told, 40);
  }
}

TEST(Forecast, GoesByFractionsWhereTheyAreWatched) {
  Twin twin;
  twin.policy.watch = {"fraction:delta"};
  Forecast forecast(twin.policy);
  double raised = 0;
  for (int k = 0; k < 200; ++k) {
    record::Result result;
    result.header.id = "r" + std::to_string(k);
    auto& t = result.context.environment["temperature"];
    t.value = Twin::kelvin(k);
    t.unit = "K";
    const double x = converted(Twin::kelvin(k), 588);  // earlier than most
    const Sample sample{Eigen::VectorXd::Constant(1, 1 - x + 0.02 * twin.normal(twin.random)),
                        Eigen::MatrixXd::Constant(1, 1, 4e-4), 0, 1};
    forecast.take(result, 10.0 * k, sample, 1);
    if (k == 0) twin.tells(forecast, "delta");
    if (k == 10) Twin::matches(forecast, k, "delta");
    if (raised == 0 && forecast.expected()) raised = x;
    if (x > 0.3 && x < 0.7) {
      EXPECT_GT(forecast.prediction()->probability, 0.9) << k;
    }
  }
  EXPECT_LT(raised, 0.1);
  EXPECT_LT(forecast.prediction()->probability, 0.01);
}

TEST(Forecast, ExpectsNothingOfARampThatHolds) {
  Twin twin;
  Forecast forecast(twin.policy);
  twin.tells(forecast, "delta");
  twin.tells(forecast, "structure");
  for (int k = 0; k < 30; ++k) twin.measures(forecast, k, 0);
  Twin::matches(forecast, 29, "delta");
  record::Result held;
  Sample sample{Eigen::VectorXd::Constant(1, 3.25), Eigen::MatrixXd::Constant(1, 1, 1e-4), 0, 1};
  held.context.environment["temperature"].value = 570;
  held.context.environment["temperature"].unit = "K";
  for (int k = 30; k < 200; ++k) {
    held.header.id = "h" + std::to_string(k);
    forecast.take(held, 1000 + 10.0 * k, sample, 1);
  }
  EXPECT_LT(forecast.prediction()->probability, 0.02);
  EXPECT_FALSE(forecast.expected());
}

TEST(Forecast, OfAFallingConditionIsTheSameTheOtherWayRound) {
  Twin twin;
  twin.transitions[0].rising = false;
  twin.transitions[0].at = 520;
  Forecast other(twin.policy);
  twin.tells(other, "delta");
  record::Result result;
  Sample sample{Eigen::VectorXd::Constant(1, 3.25), Eigen::MatrixXd::Constant(1, 1, 1e-4), 0, 1};
  auto& t = result.context.environment["temperature"];
  t.unit = "K";
  double raised = 0;
  for (int k = 0; k < 200; ++k) {
    t.value = 560 - k / 3.0;
    result.header.id = "r" + std::to_string(k);
    other.take(result, 10.0 * k, sample, 1);
    if (k == 10) Twin::matches(other, k, "delta");
    if (raised == 0 && other.expected()) raised = *t.value;
  }
  EXPECT_GT(raised, 524);
  EXPECT_LT(raised, 545);
}

TEST(Forecast, OfAnotherSampleBeginsAnew) {
  Twin twin;
  Forecast forecast(twin.policy);
  twin.tells(forecast, "delta");
  for (int k = 0; k < 30; ++k) twin.measures(forecast, k, 0);
  Twin::matches(forecast, 29, "delta");
  EXPECT_TRUE(forecast.prediction().has_value());
  record::Result other;
  other.header.id = "o";
  other.context.sample = "another";
  forecast.take(other, 2000, {Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Identity(1, 1), 0, 1}, 1);
  EXPECT_FALSE(forecast.prediction().has_value());
}

TEST(Forecast, DoesNotTakeATemperatureInAnotherUnitForOne) {
  Twin twin;
  Forecast forecast(twin.policy);
  twin.tells(forecast, "delta");
  for (int k = 0; k < 30; ++k) twin.measures(forecast, k, 0, "eV");
  Twin::matches(forecast, 29, "delta");
  EXPECT_FALSE(forecast.prediction().has_value());
}

}  // namespace

}  // namespace forecast_test
