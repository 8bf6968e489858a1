// SPDX-License-Identifier: GPL-3.0-or-later
// The fourteen ways in which twin-steer and twin-acquire --obey are safe, and the tests of each.
// Those without a file are here or, of twin-steer, in safety_steer_test; files without a folder are
// in tests/tools, the others in tests.
//
//  1 dry run; arm, allow-list, token  WithoutArmsItOnlySaysSo, ATokenThatEndsDisarms,
//                                     WhatIsNoCommandIsNotObeyed: acquire_obey_test
//  2 hard bounds                      BoundsThatAreNoneRefuseToStart: acquire_obey_test;
//                                     BoundsAreThoseOfTheBeginning;
//                                     WhatTheRecordWouldClipIsRefused: acquire_put_test;
//                                     NothingOutOfBoundsGoesOut: obey/gateway_random_test
//  3 bad input: hold, then safe       WhatIsOfNoUseRenewsNoCommand;
//                                     WhatIsNoCommandIsNotObeyed: acquire_obey_test
//  4 slew, dwell, cap, dose           IntervalsShrinkNoFasterThanTheSlew,
//                                     ChangesKeepTheirDwellAndTheirNumber: obey/gateway_test;
//                                     KilledItKnowsWhatWasSpent, TheLogIsWrittenBeforeTheOrder;
//                                     TheDoseOutlivesTheProgramAndIsCountedOnce: steer_live_test
//  5 dead man's handle                ACommandIsOrderedUntilItExpires: acquire_obey_test;
//                                     AClockThatJumpsIsNoReasonToTrustACommand: obey/gateway_test
//  6 read-back                        OneThatIsNotConfirmedEndsIt: acquire_obey_test;
//                                     OneThatIsNotReadBackIsAnAlarmAndTheLastOrder:
//                                     acquire_put_test
//  7 beam loss                        AnOperatorWinsAndABeamIsWaitedFor: acquire_obey_test;
//                                     ABeamIsLostBelowOneValueAndBackFromAnother,
//                                     ABeamThatWasAwayIsNoChange
//  8 operator, abort, manual change   AnOperatorWinsAndABeamIsWaitedFor,
//                                     ProgramsAreToldAndAsked: acquire_obey_test;
//                                     ASessionThatIsLostLeavesTheSafeMode:
//                                     acquire_obey_failures_test
//  9 one writer                       ASecondOneShallTryAgainLater: acquire_obey_test;
//                                     TwoDoNotWriteOneFile: steer_live_test
// 10 log that replays                 ACommandIsOrderedUntilItExpires: acquire_obey_test;
//                                     TheLogSaysWhatWasOrderedWhyAndByWhom
// 11 simulator                        ASimulatorIsCalledOneInEachRecord
// 12 no shutter, motor, interlock     NothingButItsModeIsTakenFromACommand
// 13 SIGTERM, EPIPE, parent           ACommandIsOrderedUntilItExpires: acquire_obey_test;
//                                     AReaderThatGoesLeavesTheSafeMode,
//                                     AParentThatIsKilledLeavesTheSafeMode,
//                                     AParentThatIsKilledAndAHangupLeaveTheRun,
//                                     WhoeverIgnoresHangupsGoesOn: safety_orphan_test;
//                                     ASignalMakesItAskForTheSafeMode,
//                                     AClosedPipeMakesItAskForTheSafeMode: steer_live_test
// 14 a match raises nothing           AMatchRaisesNothing
#include <gmock/gmock.h>

#include <regex>

#include "core/hash.h"
#include "epics.h"
#include "obey.h"
#include "scans.h"
#include "stream/json.h"

using namespace twin;
using namespace tools;

namespace safety_test {
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

const std::string to_a_file = "actuator: {file: mode.yaml}\n";

class TwinSafety : public TwinAcquireObey {
 protected:
  /// Begins, and is in the mode of a command.
  void track() {
    EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
    command("track");
    EXPECT_TRUE(until([&] { return mode() == "track"; }));
  }

  std::vector<record::Value> log() {
    std::vector<record::Value> out;
    const std::string text = get("audit.jsonl");
    for (const auto one : split(text, '\n'))
      if (!one.empty()) out.push_back(stream::parse_json(one, "audit.jsonl"));
    return out;
  }
};

// 2
TEST_F(TwinSafety, BoundsAreThoseOfTheBeginning) {
  arm();
  start();
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  put("bounds.yaml", std::regex_replace(get("bounds.yaml"), std::regex("\n  track:"),
                                        "\n  fast: {scan: xanes-quick, every: 10 s}\n  track:"));
  command("fast");
  EXPECT_TRUE(told("command-refused"));
  EXPECT_EQ(mode(), "quiet");
  EXPECT_EQ(end(), 143);
}

// 4: killed it has written what is spent of a dose, and what may have been spent since.
TEST_F(TwinSafety, KilledItKnowsWhatWasSpent) {
  bounds_ = std::regex_replace(bounds_, std::regex("at_most: 30 min"), "dose: 20 Gy");
  bounds_ += "dose: {budget: 100 Gy, reserve: 10 %}\n";
  arm();
  start();
  track();
  const auto remembered = [&] { return log().back().find("memory")->find("dose_Gy")->number(); };
  ::usleep(1000000);
  EXPECT_EQ(end(SIGKILL), 137);
  const double before = remembered();
  start();
  EXPECT_TRUE(until([&] { return std::ranges::count(events(), "begin") == 1; }));
  EXPECT_GE(remembered(), before + 1);  // 1 Gy/s for 1 s or more
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_EQ(end(), 143);
  // The newest line says nearly all is spent: no command brings the tracking mode back.
  put("audit.jsonl", std::regex_replace(get("audit.jsonl"), std::regex("\"dose_Gy\":[0-9.e+-]+"),
                                        "\"dose_Gy\":90.5"));
  start();
  command("track");
  EXPECT_TRUE(until([&] { return out_.find("a dose of") != out_.npos; }));
  EXPECT_EQ(mode(), "quiet");
  EXPECT_EQ(end(), 143);
}

// 4, 10: a program that is told an order finds it in the log.
TEST_F(TwinSafety, TheLogIsWrittenBeforeTheOrder) {
  bounds_ = std::regex_replace(bounds_, std::regex("confirm_within: 3 s"), "confirm_within: 30 s");
  put_program("set-mode",
              "#!/bin/sh\ntail -n 1 audit.jsonl | grep -o '\"order\":{\"mode\":\"[a-z]*' >> told\n"
              "echo $1 > is\n");
  arm();
  start("actuator: {program: [bin/set-mode, '{mode}']}\nread_back: {file: is}\n");
  EXPECT_TRUE(told("mode-confirmed"));
  command("track");
  EXPECT_TRUE(until([&] { return std::ranges::count(events(), "mode-confirmed") == 2; }));
  EXPECT_EQ(get("told"), "\"order\":{\"mode\":\"quiet\n\"order\":{\"mode\":\"track\n");
  EXPECT_EQ(end(), 143);
}

// 7: below one value it is lost, and is back from another one on, and when its alarm is none.
TEST_F(TwinSafety, ABeamIsLostBelowOneValueAndBackFromAnother) {
  SKIP_WITHOUT_IOC();
  Ioc ioc;
  ioc.start();
  bounds_ = std::regex_replace(
      bounds_, std::regex("suspend: no-beam"),
      "suspend: {file: no-beam, pv: 'T:current', unit: mA, below: 100 mA, resume: 150 mA}");
  arm();
  start();
  track();
  const auto lost = [&] { return std::ranges::count(events(), "no-beam"); };
  const auto back = [&] { return std::ranges::count(events(), "beam-back"); };
  EXPECT_TRUE(told("mode-ordered"));            // so is all before that
  const int losses = static_cast<int>(lost());  // before it was connected
  const auto is_lost = [&](int times, const std::string& why) {
    EXPECT_TRUE(until([&] { return lost() == losses + times && mode() == "quiet"; })) << why;
    EXPECT_THAT(get("audit.jsonl"), HasSubstr(why));
  };
  const auto is_back = [&](int times) {
    EXPECT_TRUE(until([&] { return back() == losses + times; }));
    command("track");
    EXPECT_TRUE(until([&] { return mode() == "track"; }));
  };
  ioc.say("current.set(120)");
  command("quiet");
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  ioc.say("current.set(90)");
  is_lost(1, "T:current is 90 mA");
  ioc.say("current.set(120)");
  command("track");
  EXPECT_FALSE(until([&] { return back() > losses || mode() == "track"; }, 1.5));
  ioc.say("current.set(160)");
  is_back(1);
  ioc.say("current.set_alarm(2, 3)");
  is_lost(2, "MAJOR");
  ioc.say("current.set(161, severity=0, alarm=0)");
  is_back(2);
  ioc.kill();
  is_lost(3, "T:current is not connected");
  ioc.start();
  is_back(3);
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"}).status,
            0);
}

// 10: each line has what came, what was ordered before and is now, why, and who decided by what.
TEST_F(TwinSafety, TheLogSaysWhatWasOrderedWhyAndByWhom) {
  arm();
  start();
  track();
  EXPECT_EQ(end(), 143);
  const auto lines = log();
  ASSERT_GE(lines.size(), 3U);
  const std::string bounds_sha256 = sha256_file(path("bounds.yaml"));
  for (const auto& one : lines) {
    EXPECT_TRUE(parse_utc(one.find("time")->string()));
    EXPECT_EQ(one.find("bounds_sha256")->string(), bounds_sha256);
    EXPECT_NE(one.find("version")->string(), "");
    EXPECT_NE(one.find("reason")->string(), "");
  }
  const auto& one = lines[1];
  EXPECT_EQ(one.find("input")->string(), "command");
  EXPECT_EQ(one.find("command")->find("id")->string(), "command1");
  EXPECT_EQ(one.find("command")->find("sequence")->integer(), 1);
  EXPECT_EQ(one.find("before")->find("every_seconds")->number(), 600);
  EXPECT_EQ(one.find("order")->find("every_seconds")->number(), 20);
  EXPECT_THAT(one.find("reason")->string(), HasSubstr("it changes"));
  EXPECT_TRUE(one.find("sent")->boolean());
}

// 11
TEST_F(TwinSafety, ASimulatorIsCalledOneInEachRecord) {
  bounds_ += "simulated: true\n";
  arm();
  start();
  track();
  EXPECT_THAT(get("mode.yaml"), HasSubstr("simulated: true"));
  EXPECT_EQ(end(), 143);
  Words texts;
  for (const auto& event : all<record::Event>(out_)) texts.push_back(event.text);
  EXPECT_GE(texts.size(), 2U);
  EXPECT_THAT(texts, Each(HasSubstr("(simulated)")));
  for (const auto& one : log()) EXPECT_TRUE(one.find("simulated")->boolean());
}

// 12: the scan is the bounds', and nothing else of a command goes anywhere.
TEST_F(TwinSafety, NothingButItsModeIsTakenFromACommand) {
  arm();
  start();
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("track");
  put("rate.yaml", std::regex_replace(get("rate.yaml"), std::regex("mode: track"),
                                      "mode: track\ndetails: {scan: other, every: 30 s, shutter: "
                                      "open, pv: 'T:motor', file: hacked}"));
  EXPECT_TRUE(until([&] { return get("mode.yaml").find("every: 30 s") != std::string::npos; }));
  Words keys;
  const std::string text = get("mode.yaml");
  for (const auto one : split(text, '\n'))
    if (!one.empty()) keys.emplace_back(one.substr(0, one.find(':')));
  EXPECT_THAT(keys, ElementsAre("mode", "scan", "every", "until"));
  EXPECT_THAT(text, HasSubstr("scan: xanes-quick"));
  EXPECT_FALSE(exists("hacked"));
  EXPECT_EQ(end(), 143);
}

// 13: nobody reads any more, and there is no run to store in.
TEST_F(TwinSafety, AReaderThatGoesLeavesTheSafeMode) {
  arm();
  put("bounds.yaml", bounds_ + to_a_file);
  put("script",
      "mkdir spool; twin-acquire --watch spool --obey rate.yaml --bounds bounds.yaml --arm | "
      "(until [ -e enough ]; do sleep 0.05; done); echo ${PIPESTATUS[0]} > status\n");
  child_ = std::make_unique<process::Child>(process::Launch{
      .argv = {"bash", "script"}, .folder = path(""), .environment = environment()});
  track();
  put("enough", "");
  int scans = 0;
  EXPECT_TRUE(until([&] {
    ++scans;
    put("spool/s" + std::to_string(scans) + ".dat", columns(scans));
    return exists("status") && !get("status").empty();
  }));
  EXPECT_EQ(mode(), "quiet");
  EXPECT_EQ(get("status"), "141\n");
}

}  // namespace

}  // namespace safety_test
