// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer --plot: the figure of a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "core/time.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;
using testing::HasSubstr;
using testing::Not;

namespace steer_plot_test {

namespace {

struct SteerPlot : Tools {
  void SetUp() override {
    SKIP_WITHOUT("gnuplot");
    watch("[r:Cu-Cu.1]");
  }

  void watch(const std::string& names, const std::string& more = "") const {
    put("policy.yaml", "format: twin-policy/1\nwatch: " + names + "\nbaseline: {samples: 30" +
                           more + "}\nmodes:\n  quiet: {scan: full, every: 10 min}\n" +
                           "  track: {scan: quick, every: 30 s}\nsafe_mode: quiet\n");
  }

  Said drawn(const std::string& stream, const std::string& name = "run.svg") {
    return run({"twin-steer", "--policy", "policy.yaml", "--plot", name}, stream);
  }
};

/// A step by 5 σ at \p at, a scan a minute.
std::string series(int count, int at) {
  std::mt19937_64 random(4);
  std::normal_distribution<> normal(0, 0.002);
  std::string out;
  for (int k = 0; k < count; ++k) {
    auto r = result("", 2.54 + (k >= at ? 0.01 : 0) + normal(random), 0.002);
    r.context.scan = "s" + std::to_string(k);
    r.measured_at = utc_of(1.7e9 + 60.0 * k);
    r.context.environment["temperature"] = {300.0 + k, {}, {}, "K", "", {}};
    out += line(r);
  }
  return out;
}

}  // namespace

TEST_F(SteerPlot, ShowsWhatWasWatchedFoundAndAskedFor) {
  const auto said = drawn(whole_stream(series(120, 60)));
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.error, Not(HasSubstr("warning")));
  const auto svg = get("run.svg"), script = get("run.svg.gp");
  for (const char* words : {"r:Cu-Cu.1 (Å)", "log R, threshold dashed", "1: step, r:Cu-Cu.1",
                            "quiet", "track", "time since 2023-11-14 22:13:20 UTC (min)"})
    EXPECT_THAT(svg, HasSubstr(words));
  // A baseline of the samples 0 to 29, in minutes; and sets of an onset and an end.
  EXPECT_THAT(script, HasSubstr("from 0,graph 0 to 29,graph 1"));
  EXPECT_THAT(script, HasSubstr("fc rgb '#e69f00'"));
  EXPECT_THAT(script, HasSubstr("fc rgb '#009e73'"));
}

TEST_F(SteerPlot, ChangesNoRecord) {
  const auto input = whole_stream(series(120, 60));
  const auto told = [](const std::string& out) {
    Words lines;
    for (const auto& event : all<record::Event>(out)) lines.push_back(event.text);
    for (const auto& command : all<record::Command>(out))
      lines.push_back(command.mode + ": " + command.reason);
    return lines;
  };
  const auto plain = told(run({"twin-steer", "--policy", "policy.yaml"}, input).out);
  EXPECT_GT(plain.size(), 4U);
  EXPECT_EQ(plain, told(drawn(input).out));
}

TEST_F(SteerPlot, StandsAgainstTheTemperatureThatTheDriftIsLinearIn) {
  watch("[r:Cu-Cu.1]", ", drift: linear-in temperature");
  ASSERT_EQ(drawn(whole_stream(series(120, 60))).status, 0);
  EXPECT_THAT(get("run.svg"), HasSubstr("temperature (K)"));
  EXPECT_THAT(get("run.svg.gp"), HasSubstr("from 300,graph 0 to 329,graph 1"));
}

TEST_F(SteerPlot, NoChangeOneSampleOrNothingFiniteIsStillAFigure) {
  auto said = drawn(whole_stream(series(60, 1000)), "none.svg");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(get("none.svg"), Not(HasSubstr("step")));
  said = drawn(whole_stream(series(1, 1000)), "one.png");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_TRUE(exists("one.png"));
  auto empty = result("", 1, 0.1);
  empty.quantities["r:Cu-Cu.1"].value.reset();
  said = drawn(whole_stream(line(empty)), "missing.svg");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(get("missing.svg"), HasSubstr("no data"));
  said = drawn(whole_stream(""), "nothing.svg");
  EXPECT_EQ(said.status, 65);
  EXPECT_FALSE(exists("nothing.svg"));
}

// Of names only those of scans and periods, and the file's, may be anything.
TEST_F(SteerPlot, NoNameRunsACommand) {
  const std::string trap = "'; system('touch trap') # `touch trap` $(touch trap) \"@x\n!touch trap";
  auto r = result(trap, 2.54, 0.002);
  std::string input;
  for (int k = 0; k < 3; ++k) {
    r.context.scan = trap + std::to_string(k);
    r.context.period = k < 2 ? trap : "warm" + trap;
    input += line(r);
  }
  const auto said = drawn(whole_stream(input), "a'; system('touch trap') #`touch trap`.svg");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.error, Not(HasSubstr("--plot")));
  EXPECT_TRUE(exists("a'; system('touch trap') #`touch trap`.svg"));
  EXPECT_FALSE(exists("trap"));
  EXPECT_THAT(get("a'; system('touch trap') #`touch trap`.svg.gp"), HasSubstr("touch trap"));
}

TEST_F(SteerPlot, WhatCannotBeDrawnIsRefusedAtOnce) {
  const auto input = whole_stream(series(3, 60));
  EXPECT_EQ(drawn(input, "run.pdf").status, 64);
  EXPECT_EQ(drawn(input, "nowhere/run.svg").status, 73);
}

TEST_F(SteerPlot, ThatItFailsLaterIsAWarningAndTheRunGoesOn) {
  put_program("gnuplot", "#!/bin/sh\necho no room on the device >&2\nexit 1\n");
  const auto said = run({"twin-steer", "--policy", "policy.yaml", "--plot", "run.svg"},
                        whole_stream(series(120, 60)), {{"PATH", path_with_ours()}});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("warning: --plot: gnuplot failed on run.svg"));
  EXPECT_THAT(said.out, HasSubstr("change-end"));
}

TEST_F(SteerPlot, AFullDiskIsAWarning) {
  put("in.jsonl", whole_stream(series(120, 60)));
  // Of a file no more than 1 KiB can be written; stdout is a pipe.
  const auto said = bash(
      "(ulimit -f 1; twin-steer --policy policy.yaml --plot run.svg in.jsonl; echo status $? >&2)"
      " | cat > /dev/null");
  EXPECT_THAT(said.error, HasSubstr("status 0"));
  EXPECT_THAT(said.error, HasSubstr("warning: --plot: "));
  EXPECT_FALSE(exists("run.svg"));
}

TEST_F(SteerPlot, IsThereWhileTheStreamGoesOn) {
  put("first.jsonl", series(70, 60));
  const auto said = bash(
      "mkfifo in; twin-steer --quiet --policy policy.yaml --plot run.svg < in > out & "
      "exec 3> in; cat first.jsonl >&3; "
      "until [ -s run.svg ]; do sleep 0.05; kill -0 $! || break; done; "
      "grep -q '<svg' run.svg && echo there; exec 3>&-; wait $!; echo status $?");
  EXPECT_THAT(said.out, HasSubstr("there\n")) << said.error;
  EXPECT_THAT(said.out, HasSubstr("status 0")) << said.error;
}

}  // namespace steer_plot_test
