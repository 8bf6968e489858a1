// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/time.h"
#include "plot/script.h"

using namespace twin;
using app::SteerPicture;

namespace steer_picture_test {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

record::Policy policy(const std::string& drift_in = "") {
  record::Policy out;
  out.watch = {"a", "b"};
  out.baseline = record::PolicyBaseline{20, !drift_in.empty(), drift_in};
  out.quiet = out.safe_mode = "quiet";
  out.track = "track";
  out.modes = {{"quiet", {}}, {"track", {}}};
  return out;
}

record::Result result(double value, double time = nothing) {
  record::Result out;
  out.quantities["a"] = {value, 0.1, {}, "Å", "", {}};
  out.quantities["b"] = {2 * value, {}, {}, "", "", {}};
  if (std::isfinite(time)) out.measured_at = utc_of(time);
  return out;
}

record::Event event(const std::string& what, int sample, int low, int high,
                    const std::vector<std::string>& significant = {"a"}) {
  const auto instant = [&](int first) {
    record::Value out;
    for (const auto& [key, at] : {std::pair("low", first), std::pair("best", (first + high) / 2),
                                  std::pair("high", high)}) {
      record::Value one;
      one.set("sample", at);
      out.set(key, one);
    }
    return out;
  };
  record::Value details;
  details.set("sample", sample);
  details.set("course", "step");
  details.set("onset", instant(low));
  if (what == "change-end") details.set("end", instant(low));
  record::Event out;
  out.what = what;
  out.significant = significant;
  out.header.extra.set("details", details);
  return out;
}

SteerPicture seen(const record::Policy& policy, int count, double time = nothing) {
  SteerPicture out(policy, 9.0);
  for (int k = 0; k < count; ++k) out.take(result(k, time + 60 * k), k, k < 20 ? -INFINITY : 1.0);
  return out;
}

}  // namespace

TEST(SteerPicture, OfAChangeShadesItsOnsetMostWhereTheQuantityChanged) {
  const auto rules = policy();
  auto picture = seen(rules, 100);
  picture.take(event("baseline", 19, 0, 0));
  picture.take(event("change", 60, 40, 50));
  picture.take(event("onset", 70, 42, 48));
  const auto figure = picture.figure();
  ASSERT_EQ(figure.panels.size(), 3U);  // no mode was asked for
  const auto& a = figure.panels[0];
  EXPECT_EQ(a.y_label, "a (Å)");
  ASSERT_EQ(a.bands.size(), 2U);  // the last one of the onset counts
  EXPECT_EQ(a.bands[0].from, 0);
  EXPECT_EQ(a.bands[0].to, 19);
  EXPECT_EQ(a.bands[1].from, 42);
  EXPECT_EQ(a.bands[1].to, 48);
  EXPECT_GT(a.bands[1].strength, figure.panels[1].bands[1].strength);
  ASSERT_EQ(figure.panels[2].marks.size(), 1U);
  EXPECT_EQ(figure.panels[2].marks[0].x, 60);
  EXPECT_EQ(figure.panels[2].marks[0].label, "1: step, a");
}

TEST(SteerPicture, StandsAgainstTheTimeOfMeasurementWhereAllHaveOne) {
  const auto rules = policy();
  auto picture = seen(rules, 100, 1.7e9);
  picture.take(event("change", 60, 40, 50));
  auto figure = picture.figure();
  EXPECT_EQ(figure.panels.back().x_label, "time since 2023-11-14 22:13:20 UTC (min)");
  EXPECT_DOUBLE_EQ(figure.panels[0].bands[0].from, 40);  // minutes
  picture.take(result(1), 100, 1.0);
  figure = picture.figure();
  EXPECT_EQ(figure.panels.back().x_label, "sample");
}

TEST(SteerPicture, StandsAgainstWhatTheDriftIsLinearInAlsoWhenThatFalls) {
  const auto rules = policy("temperature");
  SteerPicture picture(rules, 9.0);
  for (int k = 0; k < 100; ++k) {
    auto r = result(k);
    if (k != 45) r.context.environment["temperature"] = {400.0 - k, {}, {}, "K", "", {}};
    picture.take(r, k, 0.0);
  }
  picture.take(event("change", 60, 40, 50));
  const auto figure = picture.figure();
  EXPECT_EQ(figure.panels[1].x_label, "temperature (K)");
  EXPECT_EQ(figure.panels[2].x_label, "sample");
  EXPECT_EQ(figure.panels[0].bands[0].from, 350);
  EXPECT_EQ(figure.panels[0].bands[0].to, 360);
  EXPECT_TRUE(std::isnan(figure.panels[0].marks[0].x));  // of sample 45 it is not known
}

TEST(SteerPicture, EachModeIsARowFromWhereItIsAskedFor) {
  const auto rules = policy();
  SteerPicture picture(rules, 9.0);
  for (int k = 0; k < 100; ++k) {
    picture.take(result(k), k, 0.0);
    record::Command command;
    command.mode = k == 60 ? "track" : "quiet";
    if (k == 0 || k == 60 || k == 80) picture.take(command);
  }
  const auto figure = picture.figure();
  const auto& modes = figure.panels.back();
  EXPECT_EQ(modes.y_names, (std::vector<std::string>{"quiet", "track"}));
  EXPECT_EQ(modes.series[0].y, (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(modes.series[0].lowest, (std::vector<double>{0, 60, 80}));
  EXPECT_EQ(modes.series[0].highest, (std::vector<double>{60, 80, 99}));
}

TEST(SteerPicture, OfALongStreamKeepsTheLastAndSaysSo) {
  const auto rules = policy();
  auto picture = seen(rules, 5000);
  picture.take(event("change", 60, 40, 50));  // is no longer there to be seen
  picture.take(event("change", 4000, 2900, 3100));
  const auto figure = picture.figure();
  EXPECT_EQ(figure.panels[0].series[0].y.size(), 2000U);
  EXPECT_EQ(figure.panels[0].title, "the last 2000 of 5000 samples");
  ASSERT_EQ(figure.panels[0].bands.size(), 1U);
  EXPECT_EQ(figure.panels[0].bands[0].from, 3000);
  EXPECT_EQ(figure.panels[0].marks[0].label, "2");
}

TEST(SteerPicture, MissingOneOrNoSampleIsStillAFigure) {
  const auto rules = policy();
  SteerPicture picture(rules, 9.0);
  EXPECT_TRUE(picture.figure().panels.empty());
  record::Result empty;
  empty.quantities["a"] = {nothing, nothing, {}, "Å", "", {}};
  picture.take(empty, 0, -INFINITY);
  auto figure = picture.figure();
  EXPECT_NO_THROW(static_cast<void>(plot::script_of(figure, "svg", "f.svg")));
  auto other = result(3);
  other.quantities["a"].unit = "nm";  // no number of the first one's
  picture.take(other, 1, 0.0);
  figure = picture.figure();
  EXPECT_TRUE(std::isnan(figure.panels[0].series[0].y[1]));
  EXPECT_EQ(figure.panels[1].series[0].y[1], 6);
}

TEST(SteerPicture, PeriodsBeginAtLinesThatSayWhatDiffers) {
  record::Policy rules = policy();
  rules.baseline.reset();
  SteerPicture picture(rules, std::nullopt);
  for (int k = 0; k < 6; ++k) {
    auto r = result(k);
    r.context.period = k < 3 ? "cold" : "warm";
    picture.take(r, k, nothing);
  }
  record::Event difference;
  difference.what = "period-difference";
  difference.first = "cold";
  difference.second = "warm";
  difference.significant = {"b"};
  picture.take(difference);
  const auto figure = picture.figure();
  ASSERT_EQ(figure.panels.size(), 2U);
  EXPECT_EQ(figure.panels[0].marks[1].label, "warm");
  EXPECT_EQ(figure.panels[1].marks[1].label, "warm: differs");
  EXPECT_EQ(figure.panels[1].marks[1].x, 3);
}

}  // namespace steer_picture_test
