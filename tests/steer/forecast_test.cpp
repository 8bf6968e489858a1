// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

using namespace twin;
using steer::Forecast;
using steer::Sample;

namespace forecast_test {

namespace {

/// A twin that knows of a change at 600(10) K, of 8(2) K; r goes from 3.20 to 3.10 Å in it.
struct Twin {
  Twin() {
    policy.watch = {"r"};
    policy.baseline.emplace();
    policy.forecast = record::PolicyForecast{.horizon_seconds = 300, .above = 0.3, .mode = "track"};
    record::Transition one;
    one.from = "delta";
    one.to = "structure";
    one.in = "temperature";
    one.unit = "K";
    one.at = 600;
    one.at_sigma = 10;
    one.width = 8;
    one.width_sigma = 2;
    transitions = {one};
  }

  void tells(Forecast& forecast, const std::string& structure) const {
    record::ModelRecord model;
    model.header.id = "model-" + structure;
    model.model.potentials = {"pot"};
    model.model.alternative = structure == "structure" ? "" : structure;
    model.model.transitions = transitions;
    forecast.take(model);
    record::State state;
    state.header.id = "state-" + structure;
    state.model = model.header.id;
    forecast.take(state);
    record::Result digital;
    digital.origin = record::Origin::digital;
    digital.header.from = {state.header.id};
    digital.quantities["r"].value = structure == "delta" ? 3.20 : 3.10;
    forecast.take_digital(digital);
  }

  static void matches(Forecast& forecast, int scan, const std::string& structure,
                      record::Answer answer = record::Answer::match) {
    record::Verdict verdict;
    verdict.answer = answer;
    verdict.alternative = structure == "structure" ? "pot" : structure + ":pot";
    verdict.header.from = {"r" + std::to_string(scan), "digital"};
    forecast.take(verdict);
  }

  /// Scan k, of 10 s each, at 2 K/min from 560 K.
  void measures(Forecast& forecast, int k, double converted, const char* unit = "K") {
    record::Result result;
    result.header.id = "r" + std::to_string(k);
    result.context.scan = "s" + std::to_string(k);
    auto& t = result.context.environment["temperature"];
    t.value = kelvin(k) + 0.2 * normal(random);
    t.unit = unit;
    Sample sample;
    sample.value = Eigen::VectorXd::Constant(1, 3.25 - 0.1 * converted + 0.01 * normal(random));
    sample.covariance = Eigen::MatrixXd::Constant(1, 1, 1e-4);
    forecast.take(result, 1000 + 10.0 * k, sample, 1);
  }

  static double kelvin(int k) { return 560 + k / 3.0; }

  record::Policy policy;
  std::vector<record::Transition> transitions;
  std::mt19937_64 random{7};
  std::normal_distribution<> normal;
};

double converted(double kelvin, double at) {
  return 1 / (1 + std::exp(-std::log(81.0) * (kelvin - at) / 8));
}

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
