// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer with early_warnings.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>

#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace steer_warnings_test {

namespace {

using SteerWarnings = Tools;

/// 420 results, white noise at first; from the 250th on they swing, eight to a period, with twice
/// the variance and an autocorrelation of 0.7, while means of many scatter as before: the detector
/// has little to find.
std::string slowing(unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal(0, 0.002);
  std::string out;
  double x = 0, before = 0;
  for (int k = 0; k < 420; ++k) {
    const double next = k < 250 ? normal(random) : 1.27 * x - 0.81 * before + 0.59 * normal(random);
    before = std::exchange(x, next);
    auto r = result("", 2.54 + x, 0.002);
    r.context.scan = "s" + std::to_string(k);
    out += line(r);
  }
  return out;
}

TEST_F(SteerWarnings, AnEarlyWarningIsToldAndAsksForNothing) {
  put("policy.yaml",
      "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 50}\n"
      "false_alarms: {at_most: 0.05, per: 500 samples}\nearly_warnings: {window: 60 samples}\n"
      "modes:\n  quiet: {scan: full, every: 10 min}\n  track: {scan: quick, every: 30 s}\n"
      "safe_mode: quiet\ncommands: {file: rate.yaml, ttl: 60 s}\n");
  int warned = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    const std::string log = "night" + std::to_string(seed) + ".jsonl";
    const auto said =
        run({"twin-steer", "--policy", "policy.yaml", "--log", log}, whole_stream(slowing(seed)));
    EXPECT_EQ(said.status, 0) << said.error;
    std::vector<std::string> ids;
    bool changed = false;
    for (const auto& event : all<record::Event>(said.out)) {
      changed = changed || event.what == "change";
      if (event.what != "early-warning") continue;
      EXPECT_NE(event.text.find("r:Cu-Cu.1 fluctuates more"), std::string::npos) << event.text;
      ids.push_back(event.header.id);
    }
    warned += static_cast<int>(!ids.empty());
    for (const auto& command : all<record::Command>(said.out)) {
      EXPECT_EQ(command.reason.find("fluctuates"), std::string::npos) << command.reason;
      for (const auto& from : command.header.from) EXPECT_EQ(std::ranges::count(ids, from), 0);
      EXPECT_TRUE(changed || command.mode != "track");
    }
    EXPECT_EQ(run({"twin-steer", "--replay", log}).status, 0);
  }
  // It is a race with the detector, to which such noise looks like a change.
  EXPECT_GE(warned, 1);
}

}  // namespace

}  // namespace steer_warnings_test
