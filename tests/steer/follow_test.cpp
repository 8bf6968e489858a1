// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/follow.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <variant>

#include "core/time.h"

using namespace twin;

namespace follow_test {

namespace {

record::Policy policy() {
  record::Policy out;
  out.watch = {"r:Pb-I.1", "n:Pb-I.1"};
  out.baseline = record::PolicyBaseline{.samples = 30, .drifts = false, .drift_in = ""};
  return out;
}

record::Quantity quantity(double value, double sigma, const char* unit) {
  record::Quantity out;
  out.value = value;
  out.sigma = sigma;
  out.unit = unit;
  out.method = "exafs-fit";
  return out;
}

/// Scan k of a made series: r steps by 0.02 Å at scan \p at.
struct Series {
  explicit Series(unsigned seed, int step_at = 60) : random(seed), at(step_at) {}

  record::Result next() {
    record::Result out;
    out.header.id = "id" + std::to_string(k);
    out.header.time = utc_of(1.7e9 + 10 * k);
    out.context.scan = "s" + std::to_string(k);
    out.quantities["r:Pb-I.1"] =
        quantity(3.18 + (k >= at ? 0.02 : 0) + 0.004 * normal(random), 0.004, "Å");
    out.quantities["n:Pb-I.1"] = quantity(5.9 + 0.3 * normal(random), 0.3, "");
    ++k;
    return out;
  }

  std::mt19937_64 random;
  std::normal_distribution<> normal;
  int at, k = 0;
};

struct Seen {
  std::vector<record::Event> events;
  std::vector<record::Gap> gaps;

  void take(std::vector<record::Record> records) {
    for (auto& r : records)
      if (auto* event = std::get_if<record::Event>(&r))
        events.push_back(*event);
      else
        gaps.push_back(std::get<record::Gap>(r));
  }
  [[nodiscard]] const record::Event* first(const std::string& what) const {
    for (const auto& event : events)
      if (event.what == what) return &event;
    return nullptr;
  }
};

TEST(Follow, TellsBaselineChangeOnsetAndEndByTheNamesOfTheScans) {
  const auto p = policy();
  steer::Follow follow(p);
  Series series(3);
  Seen seen;
  for (int k = 0; k < 120; ++k) seen.take(follow.add(series.next()));
  ASSERT_TRUE(seen.first("baseline"));
  EXPECT_EQ(seen.first("baseline")->header.from, std::vector<std::string>{"id29"});
  const auto* change = seen.first("change");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->first.substr(0, 1), "s");
  EXPECT_LE(std::stoi(change->first.substr(1)), 60);
  EXPECT_GE(std::stoi(change->second.substr(1)), 60);
  const auto* end = seen.first("change-end");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->significant, std::vector<std::string>{"r:Pb-I.1"});
  const auto& r = end->quantities.at("r:Pb-I.1");
  EXPECT_NEAR(*r.value, 0.02, 4 * *r.sigma);
  EXPECT_EQ(r.unit, "Å");
  EXPECT_NE(end->text.find("Pb-I"), std::string::npos);
  EXPECT_TRUE(end->header.extra.find("details")->find("onset")->find("best")->find("scan"));
  EXPECT_TRUE(seen.gaps.empty());
}

TEST(Follow, WhatCameTwiceOrLateIsAGapAndChangesNothing) {
  const auto p = policy();
  steer::Follow plain(p), disturbed(p);
  Series series(5), same(5);
  Seen a, b;
  record::Result earlier;
  for (int k = 0; k < 100; ++k) {
    a.take(plain.add(series.next()));
    const auto result = same.next();
    b.take(disturbed.add(result));
    if (k % 10 == 4) {
      b.take(disturbed.add(result));
      earlier.header.id = "late" + std::to_string(k);
      earlier.header.time = utc_of(1.6e9);
      b.take(disturbed.add(earlier));
      auto partial = result;
      partial.header.id += "p";
      partial.status = record::Completeness::partial;
      b.take(disturbed.add(partial));
      auto revised = result;
      revised.header.id += "r";
      revised.revision = 1;
      *revised.quantities.at("r:Pb-I.1").value += 1;
      b.take(disturbed.add(revised));
    }
  }
  EXPECT_EQ(b.gaps.size(), 30U);
  ASSERT_EQ(a.events.size(), b.events.size());
  for (std::size_t i = 0; i < a.events.size(); ++i) EXPECT_EQ(a.events[i].text, b.events[i].text);
}

TEST(Follow, AnotherMethodUnitOrAnUnconvergedFitIsAMissingValue) {
  const auto p = policy();
  steer::Follow follow(p);
  Series series(7, 1000);
  Seen seen;
  for (int k = 0; k < 200; ++k) {
    auto result = series.next();
    auto& r = result.quantities.at("r:Pb-I.1");
    if (k % 10 == 1) r.method = "md-moment", r.value = 9.0;
    if (k % 10 == 4) r.unit = "nm", r.value = 0.3;
    if (k % 10 == 7) r.value = std::nan("");
    if (k % 19 == 5) result.converged = false, r.value = 7.0;
    seen.take(follow.add(result));
  }
  EXPECT_FALSE(seen.first("change"));
  ASSERT_TRUE(seen.first("baseline"));
  EXPECT_EQ(seen.first("baseline")->text.find("left out"), std::string::npos)
      << seen.first("baseline")->text;
}

TEST(Follow, AnotherSetUpLearnsANewMean) {
  const auto p = policy();
  steer::Follow follow(p);
  Series series(9, 100);  // the step is the other set-up's
  Seen seen;
  for (int k = 0; k < 200; ++k) {
    auto result = series.next();
    result.context.setup = k < 100 ? "a" : "b";
    seen.take(follow.add(result));
  }
  EXPECT_FALSE(seen.first("change"));
  ASSERT_EQ(seen.gaps.size(), 1U);
}

TEST(Follow, AnotherSampleLearnsANewMeanAndAnotherRecipeANewBaseline) {
  for (const bool recipe : {false, true}) {
    const auto p = policy();
    steer::Follow follow(p);
    Series series(9, 100);
    Seen seen;
    for (int k = 0; k < 200; ++k) {
      auto result = series.next();
      auto& r = result.quantities.at("r:Pb-I.1");
      if (recipe) {
        result.recipe_sha256 = k < 100 ? "a" : "b";
        if (k >= 100) r.unit = "nm", *r.value /= 10, *r.sigma /= 10;
      } else {
        result.context.sample = k < 100 ? "a" : "b";
      }
      seen.take(follow.add(result));
    }
    EXPECT_FALSE(seen.first("change"));
    ASSERT_EQ(seen.gaps.size(), 1U);
    const auto baselines = std::count_if(seen.events.begin(), seen.events.end(),
                                         [](const auto& e) { return e.what == "baseline"; });
    EXPECT_EQ(baselines, recipe ? 2 : 1);
    EXPECT_EQ(seen.events.back().text.find("left out"), std::string::npos)
        << seen.events.back().text;
  }
}

TEST(Follow, AResultOfAYearToComeMakesNotAllOthersLate) {
  const auto p = policy();
  steer::Follow follow(p);
  Series series(17, 1000);
  Seen seen;
  for (int k = 0; k < 60; ++k) {
    auto result = series.next();
    if (k == 10) result.header.time = "2099-01-01T00:00:00Z";
    seen.take(follow.add(result));
  }
  EXPECT_EQ(seen.gaps.size(), 1U);
  EXPECT_TRUE(seen.first("baseline"));
}

TEST(Follow, TheTimeIsThatOfTheMeasurement) {
  record::Result result;
  EXPECT_FALSE(steer::time_of(result));
  result.header.time = utc_of(1.7e9);
  EXPECT_EQ(*steer::time_of(result), 1.7e9);
  result.measured_at = utc_of(1.6e9);
  EXPECT_EQ(*steer::time_of(result), 1.6e9);
}

TEST(Follow, TellsWhetherAResultSaysSomething) {
  const auto p = policy();
  steer::Follow follow(p);
  Series series(19, 1000);
  for (int k = 0; k < 60; ++k) {
    auto result = series.next();
    (void)follow.add(result);
    EXPECT_TRUE(follow.informed());
    (void)follow.add(result);  // the same again
    EXPECT_FALSE(follow.informed());
    auto failed = series.next();
    failed.converged = false;
    (void)follow.add(failed);
    EXPECT_FALSE(follow.informed());
  }
}

TEST(Follow, QuantitiesThatFollowFromEachOtherAreToldOf) {
  auto p = policy();
  steer::Follow follow(p);
  Series series(21, 1000);
  Seen seen;
  for (int k = 0; k < 30; ++k) {
    auto result = series.next();
    auto& n = result.quantities.at("n:Pb-I.1");
    n = result.quantities.at("r:Pb-I.1");
    n.value = 1 - *n.value;
    result.covariance = {{"r:Pb-I.1", "n:Pb-I.1"}, {1.6e-5, -1.6e-5, -1.6e-5, 1.6e-5}};
    seen.take(follow.add(result));
  }
  ASSERT_TRUE(seen.first("baseline"));
  EXPECT_NE(seen.first("baseline")->text.find("follows from the others"), std::string::npos)
      << seen.first("baseline")->text;
}

TEST(Follow, ABaselineOfNoUseIsToldAndAnotherBegins) {
  const auto p = policy();
  steer::Follow follow(p);
  Series series(11, 1000);
  Seen seen;
  for (int k = 0; k < 30; ++k) {
    auto result = series.next();
    result.quantities.clear();
    seen.take(follow.add(result));
  }
  ASSERT_TRUE(seen.first("baseline-refused"));
  for (int k = 0; k < 30; ++k) seen.take(follow.add(series.next()));
  EXPECT_TRUE(seen.first("baseline"));
}

TEST(Follow, ADriftWithATemperatureIsNoChange) {
  for (const bool drifts : {false, true}) {
    auto p = policy();
    p.baseline->drifts = drifts;
    p.baseline->drift_in = drifts ? "temperature" : "";
    steer::Follow follow(p);
    Series series(13, 1000);
    Seen seen;
    for (int k = 0; k < 250; ++k) {
      auto result = series.next();
      const double temperature = 300 + 0.5 * k;
      result.context.environment["temperature"] = quantity(temperature, 0.1, "K");
      *result.quantities.at("r:Pb-I.1").value += 2e-4 * (temperature - 300);
      seen.take(follow.add(result));
    }
    EXPECT_EQ(seen.first("change") == nullptr, drifts);
  }
}

TEST(Follow, HostileNamesAreMadePrintable) {
  auto p = policy();
  p.watch[0] = "r:\x1b[31m";
  steer::Follow follow(p);
  Series series(15);
  Seen seen;
  for (int k = 0; k < 120; ++k) {
    auto result = series.next();
    result.context.scan = "\x1b[2J" + result.context.scan;
    result.quantities[p.watch[0]] = result.quantities.at("r:Pb-I.1");
    seen.take(follow.add(result));
  }
  ASSERT_TRUE(seen.first("change"));
  for (const auto& event : seen.events) EXPECT_EQ(event.text.find('\x1b'), std::string::npos);
}

}  // namespace

}  // namespace follow_test
