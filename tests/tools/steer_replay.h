// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/text.h"
#include "core/time.h"
#include "scans.h"
#include "tool.h"

/// twin-steer that logs, and its replay.
namespace tools {

struct TwinSteerReplay : Tools {
  TwinSteerReplay() {
    put("policy.yaml",
        "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 30}\n"
        "false_alarms: {at_most: 0.05, per: 500 samples}\nmodes:\n"
        "  quiet: {scan: full, every: 10 s, dose: 0.3 Gy}\n"
        "  watch: {scan: full, every: 5 s, dose: 0.3 Gy}\n"
        "  track: {scan: quick, every: 3 s, dose: 0.1 Gy}\nsafe_mode: quiet\n"
        "dose: {budget: 1000 Gy, file: dose.yaml}\ncommands: {file: rate.yaml, ttl: 60 s}\n");
  }

  /// The lines of a stream that are commands.
  static Words commands(const std::string& out) {
    Words found;
    for (const auto one : twin::split(out, '\n'))
      if (one.find("\"kind\":\"command\"") != one.npos) found.emplace_back(one);
    return found;
  }

  Said replay(const std::string& log = "log.jsonl") { return run({"twin-steer", "--replay", log}); }

  /// A replay that is told to say otherwise, and in what.
  void expect_other(const std::string& log, const std::string& what) {
    put("other.jsonl", log);
    const auto said = replay("other.jsonl");
    EXPECT_EQ(said.status, 1) << what;
    EXPECT_THAT(said.error, ::testing::HasSubstr(what));
  }
};

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return at == text.npos ? text : text.replace(at, what.size(), by);
}

/// Results \p first to \p last - 1, of which those from \p begins to \p ends are longer by 5 σ.
/// \param measured  when the first was, s since 1970; 0: nobody says
inline std::string series(int first, int last, int begins, int ends, double measured = 0) {
  std::mt19937_64 random(4);
  std::normal_distribution<> normal(0, 0.002);
  std::string out;
  for (int k = 0; k < last; ++k) {
    auto r = result("", 2.54 + (k >= begins && k < ends ? 0.01 : 0) + normal(random), 0.002);
    r.context.scan = "s" + std::to_string(k);
    r.context.environment["temperature"] = {295 + 0.1 * k, 0.3, {}, "K", "", {}};
    if (measured > 0) r.measured_at = twin::utc_of(measured + 0.01 * k);
    if (k >= first) out += line(r);
  }
  return out;
}

inline const Words logging{"twin-steer", "--policy", "policy.yaml", "--log", "log.jsonl"};

}  // namespace tools
