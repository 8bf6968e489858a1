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
        "  quiet: {scan: full, every: 10 min}\n  track: {scan: quick, every: 30 s}\n"
        "safe_mode: quiet\ncommands: {file: rate.yaml, ttl: 60 s}\n");
  }
};

/// Results 0 .. count - 1, of which those from \p at on are longer by 5 σ.
/// \param measured  time of the first, s since 1970; 0: they have none. Written just now.
std::string series(int count, int at, unsigned seed = 4, double measured = 0) {
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal(0, 0.002);
  std::string out;
  for (int k = 0; k < count; ++k) {
    auto r = result("", 2.54 + (k >= at ? 0.01 : 0) + normal(random), 0.002);
    r.context.scan = "s" + std::to_string(k);
    if (measured > 0) {
      r.measured_at = utc_of(measured + 0.01 * k);
      r.header.time = utc_now();
    }
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

TEST_F(TwinSteerLive, StaysInTheTrackingModeWhileItChangesAndAsksForTheSafeOneInTheEnd) {
  const auto said = run(steering, whole_stream(series(63, 60)));
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(all<record::Command>(said.out).back().mode, "track");
  EXPECT_NE(get("rate.yaml").find("mode: quiet"), std::string::npos) << get("rate.yaml");
  EXPECT_NE(get("rate.yaml").find("the stream is over"), std::string::npos) << get("rate.yaml");
}

TEST_F(TwinSteerLive, WhatWasMeasuredLongAgoGivesRecordsAndNoFile) {
  const auto old = run(steering, whole_stream(series(63, 60, 4, 1.7e9)));
  EXPECT_EQ(old.status, 0) << old.error;
  EXPECT_EQ(all<record::Command>(old.out).back().mode, "track");
  EXPECT_FALSE(exists("rate.yaml"));
  const auto now = run(steering, whole_stream(series(63, 60, 4, seconds_now() - 5)));
  EXPECT_EQ(now.status, 0) << now.error;
  EXPECT_TRUE(exists("rate.yaml"));
}

TEST_F(TwinSteerLive, ASignalMakesItAskForTheSafeMode) {
  put("first.jsonl", series(70, 60));
  const auto said = bash(
      "mkfifo in out; twin-steer --quiet --policy policy.yaml < in > out & "
      "exec 3> in 4< out; cat first.jsonl >&3; "
      "while read -r line <&4; do case $line in *'\"change\"'*) break;; esac; done; "
      "kill -TERM $!; cat <&4 > rest; wait $!; echo status $?");
  EXPECT_NE(said.out.find("status 143"), std::string::npos) << said.out << said.error;
  EXPECT_NE(get("rate.yaml").find("mode: quiet"), std::string::npos) << get("rate.yaml");
  EXPECT_NE(get("rate.yaml").find("stopped"), std::string::npos) << get("rate.yaml");
}

TEST_F(TwinSteerLive, AClosedPipeMakesItAskForTheSafeMode) {
  put("first.jsonl", whole_stream(series(63, 60) + series(100, 200)));
  const auto said =
      bash("twin-steer --quiet --policy policy.yaml first.jsonl | head -n 3 > out; :");
  EXPECT_EQ(said.status, 0);
  EXPECT_NE(get("rate.yaml").find("mode: quiet"), std::string::npos) << get("rate.yaml");
}

TEST_F(TwinSteerLive, TwoDoNotWriteOneFile) {
  put("first.jsonl", whole_stream(series(3, 60)));
  const auto said = bash(
      "mkfifo in; twin-steer --quiet --policy policy.yaml < in > out & exec 3> in; "
      "until [ -e rate.yaml.lock ]; do sleep 0.01; done; "
      "twin-steer --policy policy.yaml first.jsonl > other; echo status $?; "
      "exec 3>&-; wait");
  EXPECT_NE(said.out.find("status 75"), std::string::npos) << said.out << said.error;
}

TEST_F(TwinSteerLive, GapsOfAToolThatPassesResultsByAreNoMissingSamples) {
  put("policy.yaml",
      "format: twin-policy/1\nwatch: [r:Cu-Cu.1]\nbaseline: {samples: 30, drift: linear}\n");
  std::mt19937_64 random(5);
  std::normal_distribution<> normal(0, 0.002);
  for (const char* tool : {"twin-match", "twin-acquire"}) {
    record::Start start;
    start.tool = tool;
    std::string input = line(start);
    const auto by = record::header_of(records(input).front()).id;
    for (int k = 0; k < 120; ++k) {
      auto r = result("", 2.54 + 0.001 * k + normal(random), 0.002);
      r.context.scan = "s" + std::to_string(k);
      input += line(r);
      if (k != 60) continue;
      record::Gap gap;
      gap.count = 100;
      gap.header.by = by;
      input += line(gap);
    }
    const auto said = run(steering, whole_stream(input));
    bool changed = false;
    for (const auto& event : all<record::Event>(said.out))
      changed = changed || event.what == "change";
    // Of the other 100 are missing, in which the mean should have gone on.
    EXPECT_EQ(changed, start.tool == "twin-acquire") << tool;
  }
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
  put("rate.yaml",
      std::regex_replace(get("rate.yaml"), std::regex("sequence: [0-9]+"), "sequence: 9000000000"));
  ASSERT_EQ(run(steering, whole_stream(series(3, 60))).status, 0);
  EXPECT_EQ(number(), 9000000004);  // and the safe mode in the end
  // Lost, they begin at the seconds since 1970: above a file's that was renewed less than once in
  // one.
  put("rate.yaml", "what is this");
  ASSERT_EQ(run(steering, whole_stream(series(3, 60))).status, 0);
  EXPECT_GE(number(), 1700000000);
  EXPECT_GE(before, 1700000040);
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
      "dose: {budget: 20 Gy, reserve: 25 %, file: dose.yaml}\ncommands: {file: rate.yaml, ttl: 15 "
      "min}\n");
  const auto timed = [](int first, int count) {
    std::string out;
    for (int k = first; k < first + count; ++k) {
      auto r = result("", 2.54 + 0.001 * (k % 3), 0.002);
      r.context.scan = "s" + std::to_string(k);
      r.header.time = utc_now();  // anew at each reading
      r.measured_at = utc_of(1.7e9 + 60 * k);
      // It was measured, of whatever use it is.
      if (k == 3) r.status = record::Completeness::partial;
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
  put("dose.yaml", "dose: 1 Gy\nuntil: \"2099-01-01T00:00:00Z\"\n");
  const auto ahead = run(steering, whole_stream(timed(30, 1)));
  EXPECT_EQ(ahead.status, 65);
  EXPECT_NE(ahead.error.find("dose.yaml"), std::string::npos) << ahead.error;
  put("dose.yaml", "dose: 1");
  EXPECT_EQ(run(steering, whole_stream(timed(30, 1))).status, 65);
  put("dose.yaml", "");
  EXPECT_EQ(run(steering, whole_stream(timed(30, 1))).status, 65);
}

TEST_F(TwinSteerLive, AModeThatOutlastsItsCommandsIsAnErrorOfThePolicy) {
  put("policy.yaml", std::regex_replace(get("policy.yaml"), std::regex("30 s"), "60 s"));
  const auto said = run(steering, whole_stream(series(3, 60)));
  EXPECT_EQ(said.status, 78);
  EXPECT_NE(said.error.find("policy.yaml:7: "), std::string::npos) << said.error;
  EXPECT_NE(said.error.find("ttl"), std::string::npos) << said.error;
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
  for (const char* more : {"baseline: {}\nfalse_alarms: {at_most: 1 %, threshold: calibrated}\n",
                           "baseline: {samples: 20}\nfalse_alarms: {threshold: calibrated}\n"}) {
    const auto said = with(more);
    EXPECT_EQ(said.status, 78) << more;
    EXPECT_NE(said.error.find("calibrated"), std::string::npos) << said.error;
  }
}

}  // namespace

}  // namespace steer_live_test
