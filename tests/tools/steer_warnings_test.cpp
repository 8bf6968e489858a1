// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer with early_warnings.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace steer_warnings_test {

namespace {

using SteerWarnings = Tools;

TEST_F(SteerWarnings, AnEarlyWarningIsToldAndChangesNoMode) {
  // So few changes that none is found, whatever it looks like.
  put("policy.yaml",
      "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 30}\n"
      "false_alarms: {at_most: 0.05, per: 1e4 samples}\nearly_warnings: {window: 200 samples}\n"
      "modes:\n  quiet: {scan: full, every: 10 min}\n  track: {scan: quick, every: 30 s}\n"
      "safe_mode: quiet\ncommands: {file: rate.yaml, ttl: 60 s}\n");
  std::mt19937_64 random(6);
  std::normal_distribution<> normal(0, 0.002);
  std::string stream;
  double x = 0;
  for (int k = 0; k < 1500; ++k) {
    x = 0.93 * std::max(0.0, (k - 100) / 1400.0) * x + normal(random);
    auto r = result("", 2.54 + x, 0.002);
    r.context.scan = "s" + std::to_string(k);
    stream += line(r);
  }
  const auto said =
      run({"twin-steer", "--policy", "policy.yaml", "--log", "night.jsonl"}, whole_stream(stream));
  EXPECT_EQ(said.status, 0) << said.error;
  const auto events = all<record::Event>(said.out);
  const auto warned = std::ranges::find(events, "early-warning", &record::Event::what);
  ASSERT_NE(warned, events.end()) << said.out;
  EXPECT_NE(warned->text.find("r:Cu-Cu.1 fluctuates more"), std::string::npos) << warned->text;
  for (const auto& command : all<record::Command>(said.out)) {
    EXPECT_EQ(command.mode, "quiet");
    EXPECT_EQ(command.reason.find("fluctuates"), std::string::npos) << command.reason;
  }
  const auto again = run({"twin-steer", "--replay", "night.jsonl"});
  EXPECT_EQ(again.status, 0) << again.error;
}

}  // namespace

}  // namespace steer_warnings_test
