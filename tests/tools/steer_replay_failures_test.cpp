// SPDX-License-Identifier: GPL-3.0-or-later
// The log of twin-steer where something goes wrong: killed, no room, another writer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>

#include "steer_replay.h"
#include "stream/codec.h"
#include "stream/yaml.h"

using namespace twin;
using namespace tools;
using ::testing::HasSubstr;

namespace steer_replay_failures_test {

namespace {

TEST_F(TwinSteerReplay, WhatIsNoSuchLogStaysAsItIs) {
  put("log.jsonl", "{\"format\":\"another\"}\nhalf a line");
  const auto said = run(logging, whole_stream(series(0, 3, 60, 400)));
  EXPECT_EQ(said.status, 73);
  EXPECT_THAT(said.error, HasSubstr("log.jsonl: no such log"));
  EXPECT_EQ(get("log.jsonl"), "{\"format\":\"another\"}\nhalf a line");
}

TEST_F(TwinSteerReplay, ALogHasOneWriter) {
  put("first.jsonl", whole_stream(series(0, 3, 60, 400)));
  put("free.yaml", std::regex_replace(get("policy.yaml"), std::regex(", file: dose.yaml"), ""));
  const auto said = bash(
      "mkfifo in; twin-steer --quiet --policy free.yaml --log log.jsonl < in > out & exec 3> in; "
      "until [ -s log.jsonl ]; do sleep 0.01; done; "
      "twin-steer --policy free.yaml --commands other.yaml --log log.jsonl first.jsonl > other; "
      "echo status $?; exec 3>&-; wait");
  EXPECT_THAT(said.out, HasSubstr("status 75")) << said.error;
  EXPECT_THAT(said.error, HasSubstr("another program writes this log"));
}

TEST_F(TwinSteerReplay, KilledAtAnyMomentTheLogHasWhatTheFileHolds) {
  put("long.jsonl", whole_stream(series(0, 3000, 60, 400)));
  std::mt19937_64 random(11);
  Words held;
  for (int i = 0; i < 15; ++i) {
    // While it reads, and while it writes.
    const auto said = bash(
        "twin-steer --quiet --policy policy.yaml --log log.jsonl long.jsonl > /dev/null & "
        "sleep 0." +
        std::to_string(1000 + random() % 4000) + "; kill -KILL $!; wait $!; :");
    if (exists("rate.yaml"))
      held.push_back(line(stream::decode(stream::parse_yaml(get("rate.yaml"), "rate.yaml"))));
  }
  ASSERT_GT(held.size(), 5U);
  const auto said = replay();
  EXPECT_EQ(said.status, 0) << said.error;
  for (const auto& one : held) EXPECT_THAT(said.out, HasSubstr(one));
  EXPECT_NE(held.front(), held.back());
}

TEST_F(TwinSteerReplay, AfterAClosedPipeTheSafeModeIsReplayedToo) {
  put("first.jsonl", whole_stream(series(0, 200, 60, 400)));
  bash("twin-steer --quiet --policy policy.yaml --log log.jsonl first.jsonl | head -n 3 > out; :");
  const auto said = replay();
  EXPECT_EQ(said.status, 0) << said.error;
  const auto last = all<record::Command>(said.out).back();
  EXPECT_EQ(last.mode, "quiet");
  EXPECT_EQ(last.reason, "twin-steer failed");
}

TEST_F(TwinSteerReplay, WhereTheDiskIsFullTheSafeModeIsAskedForAndTheLogIsWhole) {
  put("first.jsonl", whole_stream(series(0, 200, 30, 400)));
  const auto said = bash(
      "trap '' XFSZ; ulimit -f 60; twin-steer --quiet --policy policy.yaml --log log.jsonl "
      "first.jsonl > out; echo status $?");
  EXPECT_THAT(said.out, HasSubstr("status 74")) << said.error;
  EXPECT_THAT(said.error, HasSubstr("nothing is asked for without a log"));
  EXPECT_THAT(get("out"), HasSubstr("\"mode\":\"track\""));
  EXPECT_THAT(get("rate.yaml"), HasSubstr("reason: twin-steer failed"));
  EXPECT_LE(get("log.jsonl").size(), 61440U);
  EXPECT_EQ(get("log.jsonl").back(), '\n');
  EXPECT_EQ(replay().status, 0);
}

TEST_F(TwinSteerReplay, WhereTheLogWasMovedAwayTheSafeModeIsAskedFor) {
  put("first.jsonl", series(0, 70, 60, 400));
  put("second.jsonl", whole_stream(series(70, 75, 60, 400)));
  const auto said = bash(
      "mkfifo in out; twin-steer --policy policy.yaml --log log.jsonl < in > out & "
      "exec 3> in 4< out; cat first.jsonl >&3; "
      "while read -r line <&4; do case $line in *'\"mode\":\"track\"'*) break;; esac; done; "
      "mv log.jsonl away.jsonl; cat second.jsonl >&3; exec 3>&-; cat <&4 > rest; wait $!; "
      "echo status $?");
  EXPECT_THAT(said.out, HasSubstr("status 74")) << said.error;
  EXPECT_THAT(said.error, HasSubstr("log.jsonl: the log was moved away"));
  EXPECT_THAT(get("rate.yaml"), HasSubstr("mode: quiet"));
  EXPECT_EQ(replay("away.jsonl").status, 0);
}

}  // namespace

}  // namespace steer_replay_failures_test
