// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer with a baseline: a stream is watched as it comes.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <regex>

#include "core/time.h"
#include "scans.h"
#include "stream/yaml.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace steer_live_test {

namespace {

struct TwinSteerLive : Tools {
  TwinSteerLive() {
    put("policy.yaml",
        "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 30}\n"
        "false_alarms: {at_most: 0.05, per: 500 samples}\nmodes:\n"
        "  quiet: {scan: full, every: 10 min}\n  track: {scan: quick, every: 1 min}\n"
        "safe_mode: quiet\ncommands: {file: rate.yaml, ttl: 60 s}\n");
  }
};

/// Results 0 .. count - 1, of which those from \p at on are longer by 5 σ.
std::string series(int count, int at, unsigned seed = 4) {
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal(0, 0.002);
  std::string out;
  for (int k = 0; k < count; ++k) {
    auto r = result("", 2.54 + (k >= at ? 0.01 : 0) + normal(random), 0.002);
    r.context.scan = "s" + std::to_string(k);
    out += line(r);
  }
  return out;
}

const Words steering{"twin-steer", "--policy", "policy.yaml"};

TEST_F(TwinSteerLive, TellsOfAChangeWhenItComesAndGoesToTheTrackingModeAndBack) {
  const auto said = run(steering, whole_stream(series(120, 60)));
  EXPECT_EQ(said.status, 0) << said.error;
  std::vector<std::string> what;
  for (const auto& event : all<record::Event>(said.out))
    if (event.what != "onset") what.push_back(event.what);
  EXPECT_EQ(what, (std::vector<std::string>{"baseline", "change", "change-end"}));
  std::vector<std::string> modes;
  std::int64_t last = 0;
  for (const auto& command : all<record::Command>(said.out)) {
    modes.push_back(command.mode);
    EXPECT_GT(command.sequence, last);
    last = command.sequence;
  }
  EXPECT_EQ(modes, (std::vector<std::string>{"quiet", "track", "quiet"}));
  EXPECT_NE(get("rate.yaml").find("quiet"), std::string::npos);
}

TEST_F(TwinSteerLive, StaysInTheTrackingModeWhileItChanges) {
  const auto said = run(steering, whole_stream(series(63, 60)));
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_NE(get("rate.yaml").find("track"), std::string::npos);
}

TEST_F(TwinSteerLive, WritesEachEventBeforeTheNextRecordComes) {
  // The writer waits for what it has given reason for, and goes on only then.
  put("first.jsonl", series(70, 60));
  put("second.jsonl", series(1, 0, 9));
  const auto said = bash(
      "mkfifo in out; twin-steer --quiet --policy policy.yaml < in > out & "
      "exec 3> in 4< out; cat first.jsonl >&3; "
      "while read -r line <&4; do case $line in *'\"change\"'*) echo found; break;; esac; done; "
      "cat second.jsonl >&3; exec 3>&-; cat <&4 > rest; wait $!; echo status $?");
  EXPECT_NE(said.out.find("found\n"), std::string::npos) << said.error;
  EXPECT_NE(said.out.find("status 0"), std::string::npos) << said.error;
}

TEST_F(TwinSteerLive, TheSameInputGivesTheSameRecords) {
  const auto input = whole_stream(series(120, 60));
  const auto a = records(run(steering, input).out), b = records(run(steering, input).out);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(record::header_of(a[i]).id, record::header_of(b[i]).id) << i;
}

TEST_F(TwinSteerLive, TheFileOfCommandsCountsOnWhereItStood) {
  const auto number = [&] {
    return stream::parse_yaml(get("rate.yaml"), "rate.yaml").find("sequence")->integer();
  };
  ASSERT_EQ(run(steering, whole_stream(series(40, 60))).status, 0);
  const auto before = number();
  EXPECT_GE(before, 40);
  ASSERT_EQ(run(steering, whole_stream(series(3, 60))).status, 0);
  EXPECT_EQ(number(), before + 3);
  put("rate.yaml", "what is this");
  ASSERT_EQ(run(steering, whole_stream(series(3, 60))).status, 0);
  EXPECT_EQ(number(), 3);
}

TEST_F(TwinSteerLive, WithoutModesOnlyEventsComeAndVerdictsPass) {
  put("policy.yaml",
      "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 30, drift: linear}\n");
  record::Verdict verdict;
  verdict.scan = "s1";
  const auto said = run(steering, whole_stream(line(verdict) + series(60, 100)));
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_TRUE(all<record::Command>(said.out).empty());
  EXPECT_EQ(all<record::Verdict>(said.out).size(), 1U);
  EXPECT_EQ(all<record::Event>(said.out).size(), 1U);
}

TEST_F(TwinSteerLive, PeriodsAreStillComparedAtTheEnd) {
  std::string input;
  for (int k = 0; k < 40; ++k) {
    auto r = result(k < 20 ? "cold" : "warm", k < 20 ? 2.54 : 2.56, 0.002);
    r.context.scan = "s" + std::to_string(k);
    input += line(r);
  }
  const auto said = run(steering, whole_stream(input));
  const auto events = all<record::Event>(said.out);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().what, "period-difference");
}

TEST_F(TwinSteerLive, AResultThatComesTwiceIsAGap) {
  const auto once = series(20, 100);
  const auto said = run(steering, whole_stream(once + once));
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(all<record::Gap>(said.out).size(), 20U);
  EXPECT_TRUE(all<record::Event>(said.out).empty());
}

TEST_F(TwinSteerLive, TheDoseOutlivesTheProgramAndIsCountedOnce) {
  put("policy.yaml",
      "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 10}\nmodes:\n"
      "  quiet: {scan: full, every: 10 min, dose: 1 Gy}\n"
      "  track: {scan: quick, every: 1 min, dose: 1 Gy}\n"
      "  closed: {scan: none, every: 60 min}\nsafe_mode: closed\n"
      "dose: {budget: 20 Gy, reserve: 25 %, file: dose.yaml}\ncommands: {file: rate.yaml}\n");
  const auto timed = [](int first, int count) {
    std::string out;
    for (int k = first; k < first + count; ++k) {
      auto r = result("", 2.54 + 0.001 * (k % 3), 0.002);
      r.context.scan = "s" + std::to_string(k);
      r.header.time = utc_of(1.7e9 + 60 * k);
      out += line(r);
    }
    return out;
  };
  EXPECT_EQ(run(steering, whole_stream(timed(0, 9))).status, 0);
  EXPECT_NE(get("dose.yaml").find("dose: 9 Gy"), std::string::npos) << get("dose.yaml");
  // From its beginning again: nothing is spent by reading.
  EXPECT_EQ(run(steering, whole_stream(timed(0, 9))).status, 0);
  EXPECT_NE(get("dose.yaml").find("dose: 9 Gy"), std::string::npos) << get("dose.yaml");
  const auto on = run(steering, whole_stream(timed(9, 12)));
  ASSERT_FALSE(all<record::Command>(on.out).empty());
  EXPECT_EQ(all<record::Command>(on.out).back().mode, "closed");
  EXPECT_NE(all<record::Command>(on.out).back().reason.find("dose"), std::string::npos);
  put("dose.yaml", "dose: 1");
  EXPECT_EQ(run(steering, whole_stream(timed(30, 1))).status, 65);
  put("dose.yaml", "");
  EXPECT_EQ(run(steering, whole_stream(timed(30, 1))).status, 65);
}

TEST_F(TwinSteerLive, AWrongBaselineIsAnErrorOfThePolicy) {
  const auto with = [&](const std::string& more) {
    put("bad.yaml", "format: twin-policy/1\nwatch: [a]\n" + more);
    return run({"twin-steer", "--policy", "bad.yaml"}, series(1, 9));
  };
  for (const char* more :
       {"baseline: {samples: 5}\n", "baseline: {drift: square}\n", "baseline: {sample: 50}\n",
        "baseline: {drift: linear-in}\n", "baseline: {}\nfalse_alarms: {per: 500 s}\n",
        "baseline: {}\nfalse_alarms: {at_most: 2}\n",
        "baseline: {}\nfalse_alarms: {threshold: low}\n"}) {
    const auto said = with(more);
    EXPECT_EQ(said.status, 78) << more;
    EXPECT_NE(said.error.find("bad.yaml:"), std::string::npos) << said.error;
  }
  EXPECT_NE(with("baseline: {sample: 50}\n").error.find("samples"), std::string::npos);
}

}  // namespace

}  // namespace steer_live_test
