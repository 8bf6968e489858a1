// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --obey when things go wrong: the safe mode comes all the same.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "obey.h"

using namespace twin;
using namespace tools;

namespace acquire_obey_failures_test {
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

using TwinAcquireObeyFailures = TwinAcquireObey;

// Whoever writes commands may put anything there.
TEST_F(TwinAcquireObeyFailures, APipeForACommandHoldsNothingUp) {
  arm();
  start();
  command("track", 2);
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  fs::remove(path("rate.yaml"));
  ASSERT_EQ(::mkfifo(path("rate.yaml").c_str(), 0600), 0);
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireObeyFailures, ATerminalThatIsStoppedHoldsNothingUp) {
  arm();
  // Nobody reads stderr, which is full after some kilobytes of notes.
  start("actuator: {file: mode.yaml}\n");
  const double end_at = monotonic_seconds() + 30;
  for (int i = 0; i < 100 && monotonic_seconds() < end_at; ++i) {
    command("shutter" + std::string(2000, 'x'));
    ::usleep(20000);
  }
  command("track", 2);
  const auto is = [&](const std::string& what) {
    for (int i = 0; i < 300 && mode() != what; ++i) ::usleep(50000);
    return mode() == what;
  };
  EXPECT_TRUE(is("track"));
  EXPECT_TRUE(is("quiet"));
  end(SIGKILL);
}

TEST_F(TwinAcquireObeyFailures, WhatIsNoLogStaysAsItIs) {
  put("audit.jsonl", "a measurement\nwithout an end");
  put("bounds.yaml", bounds_ + "actuator: {file: mode.yaml}\n");
  const auto said = run({"twin-acquire", "--obey", "rate.yaml", "--bounds", "bounds.yaml"});
  EXPECT_EQ(said.status, 73);
  EXPECT_THAT(said.error, HasSubstr("no such log; it stays as it is"));
  EXPECT_EQ(get("audit.jsonl"), "a measurement\nwithout an end");
}

TEST_F(TwinAcquireObeyFailures, WithoutItsLogItEndsInTheSafeMode) {
  arm();
  start();
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  fs::rename(path("audit.jsonl"), path("audit.1"));
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  EXPECT_TRUE(until([&] { return !child_->running(); }));
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(said_, HasSubstr("the log was moved away"));
}

TEST_F(TwinAcquireObeyFailures, ASessionThatIsLostLeavesTheSafeMode) {
  arm();
  start();
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_EQ(end(SIGHUP), 129);
  EXPECT_EQ(mode(), "quiet");
}

TEST_F(TwinAcquireObeyFailures, TheSafeModeIsTriedUntilItCouldBeSent) {
  put_program("set-mode",
              "#!/bin/sh\n[ -e broken ] && [ \"$1\" != track ] && exit 3\necho $1 > is\n");
  put("broken", "");
  arm();
  start("actuator: {program: [bin/set-mode, '{mode}']}\n");
  EXPECT_TRUE(told("not-sent"));
  fs::remove(path("broken"));
  EXPECT_TRUE(until([&] { return exists("is") && get("is") == "quiet\n"; }));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireObeyFailures, AnOperatorWhoIsThereAlreadyIsNotDisturbed) {
  arm();
  put("operator", "");
  put("mode.yaml", "mode: of the operator\n");
  start();
  EXPECT_TRUE(told("operator-override"));
  command("track");
  EXPECT_TRUE(told("command-refused"));
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(mode(), "of the operator");
  const auto replay =
      run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"});
  EXPECT_EQ(replay.status, 0) << replay.out;
}

}  // namespace

}  // namespace acquire_obey_failures_test
