// SPDX-License-Identifier: GPL-3.0-or-later
// twin-policy(5): forecast.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "places.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace twin::stream;

namespace policy_forecast_test {
using ::testing::HasSubstr;

namespace {

record::Policy policy(const std::string& forecast, const std::string& baseline = "{samples: 30}") {
  const std::string text =
      "format: twin-policy/1\nwatch: [n:Cu-Cu.1]\n" +
      (baseline.empty() ? "" : "baseline: " + baseline + "\n") +
      "modes:\n  quiet: {scan: full, every: 30 s}\n  track: {scan: quick, every: 1 s}\n"
      "  fast: {scan: quick, every: 2 s}\nsafe_mode: quiet\nforecast: {" +
      forecast + "}\n";
  return decode_policy(parse_yaml(text, "x.yaml"), "x.yaml");
}

std::string refusal(const std::string& forecast, const std::string& baseline = "{samples: 30}") {
  try {
    (void)policy(forecast, baseline);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(PolicyForecast, IsReadWithItsTimeProbabilityAndMode) {
  const auto one = policy("from: twin, raise_if: \"P(onset within 10 min) > 0.3\"");
  ASSERT_TRUE(one.forecast);
  EXPECT_EQ(one.forecast->horizon_seconds, 600);
  EXPECT_EQ(one.forecast->above, 0.3);
  EXPECT_EQ(one.forecast->mode, "track");
  const auto other = policy("raise_if: \" P( onset  within 0.5 h )>0.05 \", mode: fast");
  EXPECT_EQ(other.forecast->horizon_seconds, 1800);
  EXPECT_EQ(other.forecast->above, 0.05);
  EXPECT_EQ(other.forecast->mode, "fast");
}

TEST(PolicyForecast, IsSharedForAHeatingRun) {
  const auto shared = read_policy(source_dir() + "/share/policies/heating.yaml");
  ASSERT_TRUE(shared.forecast);
  EXPECT_EQ(shared.forecast->horizon_seconds, 300);
}

TEST(PolicyForecast, SaysWhatItDoesNotMean) {
  EXPECT_THAT(refusal("from: twin"), HasSubstr("raise_if"));
  EXPECT_THAT(refusal("from: stars, raise_if: \"P(onset within 10 min) > 0.3\""),
              HasSubstr("twin"));
  for (const char* text :
       {"soon", "P(onset) > 0.3", "P(onset within 10 min) < 0.3", "P(onset within 10 min) > 1.3",
        "P(onset within 10 min) > 0", "P(onset within -1 s) > 0.3", "P(onset within 10) > 0.3",
        "P(onset within 10 K) > 0.3", "P(onset within 1 s) > nan"})
    EXPECT_THAT(refusal("raise_if: \"" + std::string(text) + "\""), HasSubstr("x.yaml:")) << text;
  EXPECT_THAT(refusal("raise_if: \"P(onset within 1 s) > 0.3\", mode: slow"), HasSubstr("slow"));
  EXPECT_THAT(refusal("raise_if: \"P(onset within 1 s) > 0.3\"", ""), HasSubstr("baseline"));
}

TEST(PolicyEarlyWarnings, AreReadWithTheirWindowAndRefusedWithoutABaseline) {
  const auto read = [](const std::string& rest) {
    return decode_policy(parse_yaml("format: twin-policy/1\nwatch: [n:Cu-Cu.1]\n" + rest, "x.yaml"),
                         "x.yaml");
  };
  const auto refused = [&](const std::string& rest) -> std::string {
    try {
      (void)read(rest);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const std::string baseline = "baseline: {samples: 30}\n";
  EXPECT_FALSE(read(baseline).early_warnings);
  EXPECT_EQ(read(baseline + "early_warnings: {}\n").early_warnings->window, 150);
  EXPECT_EQ(read(baseline + "early_warnings: {window: 80 samples}\n").early_warnings->window, 80);
  EXPECT_THAT(refused(baseline + "early_warnings: {window: 20 samples}\n"),
              HasSubstr("50 to 2000 samples"));
  EXPECT_THAT(refused(baseline + "early_warnings: {windows: 80}\n"), HasSubstr("windows"));
  EXPECT_THAT(refused("modes: {q: {scan: a, every: 1 s}}\nquiet: q\ntrack: q\nsafe_mode: q\n"
                      "early_warnings: {}\n"),
              HasSubstr("baseline"));
}

}  // namespace

}  // namespace policy_forecast_test
