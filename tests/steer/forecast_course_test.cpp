// SPDX-License-Identifier: GPL-3.0-or-later
// What is forecast where the sample turns back, is lost sight of, or is another.
#include <gtest/gtest.h>

#include <string>

#include "foretold.h"

using namespace twin;
using namespace forecast_made;

namespace forecast_course_test {

namespace {

TEST(Forecast, OfWhatWasPassedIsNoneWhenTheSampleIsCooled) {
  Twin twin;
  Forecast forecast(twin.policy);
  int k = 0;
  measure(forecast, k, 560, 597, 100);
  twin.tells(forecast, "delta");
  measure(forecast, k, 597, 597.1, 1);
  Twin::matches(forecast, k - 1, "delta");
  measure(forecast, k, 597.1, 604, 20, 0.5);
  Twin::matches(forecast, k - 1, "structure");
  measure(forecast, k, 604, 650, 140, 1);
  EXPECT_FALSE(forecast.expected());
  for (int i = 0; i < 150; ++i) {  // undercooled: it stays what it is
    measure(forecast, k, 650 - i / 2.0, 649.5 - i / 2.0, 1, 1);
    ASSERT_FALSE(forecast.expected()) << 650 - i / 2.0;
  }
  // It has come back after all, and is heated again.
  measure(forecast, k, 575, 560, 40);
  Twin::matches(forecast, k - 1, "delta");
  measure(forecast, k, 560, 590, 90);
  EXPECT_TRUE(forecast.expected());
}

TEST(Forecast, EndsWhereItsConditionIsMeasuredNoMore) {
  Twin twin;
  Forecast forecast(twin.policy);
  twin.tells(forecast, "delta");
  int k = 0;
  measure(forecast, k, 560, 590, 90);
  Twin::matches(forecast, k - 1, "delta");
  ASSERT_TRUE(forecast.expected());
  ASSERT_TRUE(forecast.news().has_value());
  const Sample sample{Eigen::VectorXd::Constant(1, 3.25), Eigen::MatrixXd::Constant(1, 1, 1e-4), 0,
                      1};
  for (int i = 0; i < 40; ++i, ++k) forecast.take(record::Result{}, 10.0 * k, sample, 1);
  EXPECT_FALSE(forecast.expected());
  EXPECT_FALSE(forecast.prediction().has_value());
  const auto news = forecast.news();
  ASSERT_TRUE(news.has_value());
  EXPECT_NE(news->text.find("nothing is forecast any more"), std::string::npos);
  EXPECT_FALSE(forecast.news().has_value());
}

TEST(Forecast, OfANewSampleDoesNotBelieveTheLastOnesVerdict) {
  Twin twin;
  Forecast forecast(twin.policy);
  twin.tells(forecast, "delta");
  int k = 0;
  measure(forecast, k, 560, 590, 90);
  record::Result other;
  other.context.sample = "another";
  for (int i = 0; i < 9; ++i) {
    other.header.id = "o" + std::to_string(i);
    other.context.environment["temperature"].value = 300 + i;
    other.context.environment["temperature"].unit = "K";
    forecast.take(other, 2000 + 10 * i,
                  {Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Identity(1, 1), 0, 1}, 1);
  }
  Twin::matches(forecast, k - 1, "delta");  // late
  EXPECT_FALSE(forecast.prediction().has_value());
}

}  // namespace

}  // namespace forecast_course_test
