// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/periods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"
#include "steer/summary.h"

using namespace twin;

namespace periods_test {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

record::Quantity quantity(double value, double sigma, double sigma_sys = 0.0) {
  record::Quantity out;
  out.value = value;
  out.sigma = sigma;
  out.sigma_sys = sigma_sys;
  out.unit = "Å";
  out.method = "fit";
  return out;
}

std::vector<record::Event> compared(const std::vector<record::Result>& results,
                                    const record::Policy& policy) {
  steer::Periods periods(policy);
  for (const auto& result : results) periods.add(result);
  return steer::compare_periods(periods, policy);
}

record::Result result(const std::string& period, double x, double sigma = 0.1,
                      const std::string& setup = "one", double sigma_sys = 0.0) {
  record::Result out;
  out.context.period = period;
  out.context.setup = setup;
  out.quantities["x"] = quantity(x, sigma, sigma_sys);
  return out;
}

record::Policy policy() {
  record::Policy out;
  out.watch = {"x"};
  out.quiet = "slow";
  out.track = "fast";
  out.modes["slow"] = {.scan = "long", .every_seconds = 60, .most_seconds = {}, .details = {}};
  record::Value details;
  details.set("scan", "quick");
  out.modes["fast"] = {.scan = "quick", .every_seconds = 1, .most_seconds = {}, .details = details};
  out.ttl_seconds = 42;
  return out;
}

std::vector<record::Result> repeats(const std::string& period, double mean, int n, unsigned seed,
                                    double sigma = 0.1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(mean, sigma);
  std::vector<record::Result> out;
  for (int i = 0; i < n; ++i) out.push_back(result(period, normal(random), sigma));
  return out;
}

std::vector<record::Result> joined(std::vector<record::Result> a,
                                   const std::vector<record::Result>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST(Periods, AreComparedInTheirOrderAndTheFirstWithTheLast) {
  const auto events = compared(
      {result("b", 1), result("a", 1), result("", 9), result("b", 1), result("c", 1)}, policy());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].first + events[0].second, "ba");
  EXPECT_EQ(events[1].first + events[1].second, "ac");
  EXPECT_EQ(events[2].first + events[2].second, "bc");
  EXPECT_EQ(events[0].what, "period-difference");
}

TEST(Periods, OfOnePeriodThereIsNothingToCompare) {
  EXPECT_THAT(compared({result("a", 1), result("a", 2)}, policy()), IsEmpty());
  EXPECT_THAT(compared({}, policy()), IsEmpty());
}

TEST(Periods, DifferenceHasTheErrorOfBothMeans) {
  // Four repeats without scatter and sigma 0.1: 0.05 each, √2 of it between two.
  std::vector<record::Result> all;
  for (int i = 0; i < 4; ++i) all.push_back(result("a", 1.0));
  for (int i = 0; i < 4; ++i) all.push_back(result("b", 1.5));
  const auto event = compared(all, policy()).at(0);
  EXPECT_DOUBLE_EQ(event.quantities.at("x").value.value(), 0.5);
  EXPECT_DOUBLE_EQ(event.quantities.at("x").sigma.value(), 0.05 * std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(event.quantities.at("x").sigma_sys.value(), 0.0);
  EXPECT_THAT(event.significant, ElementsAre("x"));
  EXPECT_LT(event.p, 1e-9);  // z = 7.1
  EXPECT_THAT(event.text, HasSubstr("a and b differ: x by 0.50(7) Å"));
}

TEST(Periods, ScatterLargerThanClaimedCounts) {
  // values ±1 about the mean: s² = 4/3
  std::vector<record::Result> all;
  for (const double x : {-1.0, 1.0, -1.0, 1.0}) all.push_back(result("a", x, 0.01));
  const auto watching = policy();
  steer::Periods periods(watching);
  for (const auto& one : all) periods.add(one);
  const auto means = periods.summarise().at(0).means;
  EXPECT_DOUBLE_EQ(means.at("x").sigma_random, std::sqrt(4.0 / 3.0) / 2);
  EXPECT_DOUBLE_EQ(means.at("x").dof, 3.0);
}

TEST(Periods, SystematicErrorCountsOnlyWhereTheSetUpChanged) {
  const auto first = result("a", 1.0, 0.1, "one", 0.3);
  const auto same = compared({first, result("b", 2.0, 0.1, "one", 0.4)}, policy());
  EXPECT_DOUBLE_EQ(same[0].quantities.at("x").sigma_sys.value(), 0.0);
  EXPECT_THAT(same[0].significant, ElementsAre("x"));
  const auto other = compared({first, result("b", 2.0, 0.1, "two", 0.4)}, policy());
  EXPECT_DOUBLE_EQ(other[0].quantities.at("x").sigma_sys.value(), 0.5);
  EXPECT_THAT(other[0].significant, IsEmpty());
  EXPECT_THAT(other[0].text, HasSubstr("set-up changed"));
  EXPECT_THAT(same[0].text, Not(HasSubstr("set-up")));
}

TEST(Periods, RepeatsThatNobodyMeasuredCountAsOne) {
  // A thousand copies of one measurement, each with the noise that it claims, tell no more.
  auto a = repeats("a", 1.0, 1000, 1), b = repeats("b", 1.2, 1000, 2);
  const auto measured = compared(joined(a, b), policy());
  EXPECT_THAT(measured[0].significant, ElementsAre("x"));
  for (auto* side : {&a, &b})
    for (auto& r : *side) r.context.synthetic = "noise of one scan";
  const auto made = compared(joined(a, b), policy());
  EXPECT_GE(made[0].quantities.at("x").sigma.value(), 0.1 * std::sqrt(2.0));
  EXPECT_THAT(made[0].significant, IsEmpty());
  EXPECT_THAT(made[0].text, HasSubstr("made from one measurement"));
}

TEST(Periods, FalseAlarmsStayWithinThePromise) {
  // 4 quantities, 3 periods: 12 comparisons of which none is real. 1000 streams, so that 5 % has a
  // standard error of 0.7 %; Holm promises at most 5 %. The bound is 3 standard errors above.
  auto watching = policy();
  watching.watch = {"x", "y", "z", "w"};
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(0, 0.1);
  int alarms = 0;
  for (int stream = 0; stream < 1000; ++stream) {
    std::vector<record::Result> all;
    for (const auto* period : {"a", "b", "c"})
      for (int i = 0; i < 5; ++i) {
        all.push_back(result(period, 0));
        for (const auto& name : watching.watch)
          all.back().quantities[name] = quantity(normal(random), 0.1);
      }
    bool alarm = false;
    for (const auto& event : compared(all, watching)) alarm = alarm || !event.significant.empty();
    alarms += alarm;
  }
  EXPECT_LE(alarms, 71);
}

TEST(Periods, WithoutClaimsTheScatterOfFewHasStudentsTails) {
  // Two repeats a period and no sigma: z = 5 is nothing unusual for 2 degrees of freedom.
  std::vector<record::Result> all{result("a", -0.1), result("a", 0.1), result("b", 0.9),
                                  result("b", 1.1)};
  for (auto& r : all) r.quantities["x"].sigma.reset();
  const auto event = compared(all, policy()).at(0);
  // s = 0.1√2, of the mean 0.1, between two 0.1√2: t = 7.07 with 2 dof: p = 0.0194 (two-sided).
  EXPECT_NEAR(event.p, 0.0194, 2e-4);
}

TEST(Periods, WhatHasNoErrorIsNotCompared) {
  auto a = result("a", 1), b = result("b", 2);
  a.quantities["x"].sigma.reset();
  const auto events = compared({a, b}, policy());
  EXPECT_THAT(events.at(0).quantities, IsEmpty());
  EXPECT_THAT(events.at(0).text, HasSubstr("no watched quantity in common"));
}

TEST(Periods, AnotherMethodUnitOrNoValueIsAnotherQuantity) {
  auto b = result("b", 5);
  b.quantities["x"].method = "md";
  EXPECT_THAT(compared({result("a", 1), b}, policy()).at(0).quantities, IsEmpty());
  b = result("b", 5);
  b.quantities["x"].unit = "nm";
  EXPECT_THAT(compared({result("a", 1), b}, policy()).at(0).quantities, IsEmpty());
  b.quantities["x"].value = std::nan("");
  EXPECT_THAT(compared({result("a", 1), b}, policy()).at(0).quantities, IsEmpty());
}

TEST(Periods, ForeignNamesCannotSpeakToTheTerminal) {
  auto watching = policy();
  watching.watch = {"x\x1b[31m"};
  auto a = result("a\n1", 1), b = result("b", 2);
  for (auto* r : {&a, &b}) r->quantities[watching.watch[0]] = r->quantities["x"];
  const auto event = compared({a, b}, watching).at(0);
  EXPECT_THAT(event.text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(event.text, Not(HasSubstr("\n")));
  EXPECT_THAT(steer::command_for(event, watching, 1).reason, Not(HasSubstr("\x1b")));
}

TEST(Command, TracksWhatChangedAndRestsOtherwise) {
  const auto changed = compared({result("a", 1), result("b", 5)}, policy()).at(0);
  const auto command = steer::command_for(changed, policy(), 7);
  EXPECT_EQ(command.mode, "fast");
  EXPECT_EQ(command.sequence, 7);
  EXPECT_EQ(command.ttl_seconds, 42);
  EXPECT_EQ(command.details.find("scan")->string(), "quick");
  EXPECT_THAT(command.reason, HasSubstr("x changed between a and b"));
  const auto same = compared({result("a", 1), result("b", 1)}, policy()).at(0);
  EXPECT_EQ(steer::command_for(same, policy(), 8).mode, "slow");
}

TEST(Command, OfAModeThatNobodyDefinedIsRefused) {
  auto broken = policy();
  broken.track = "furious";
  const auto changed = compared({result("a", 1), result("b", 5)}, broken).at(0);
  try {
    static_cast<void>(steer::command_for(changed, broken, 1));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    EXPECT_THAT(error.what(), HasSubstr("furious"));
  }
}

}  // namespace periods_test
