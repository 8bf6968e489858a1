// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --obey: commands come in by a file, modes go out, within bounds.
#include <gmock/gmock.h>

#include "obey.h"

using namespace twin;
using namespace tools;

namespace acquire_obey_test {
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

TEST_F(TwinAcquireObey, ACommandIsOrderedUntilItExpires) {
  arm();
  start();
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("track", 2);
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_THAT(get("mode.yaml"), HasSubstr("scan: xanes-quick"));
  EXPECT_THAT(get("mode.yaml"), HasSubstr("every: 20 s"));
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(mode(), "quiet");
  EXPECT_THAT(events(), Contains("mode-ordered"));
  // The log has all of it, and gives the same orders again.
  const auto replay =
      run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"});
  EXPECT_EQ(replay.status, 0) << replay.out;
  EXPECT_THAT(replay.out, HasSubstr(" 5 orders, 0 differ"));
  std::string log = get("audit.jsonl");
  std::string older = log;  // as it was called before
  older.replace(older.find("\"what\":\"begin\""), 14, "\"what\":\"safe-mode\"");
  put("older.jsonl", older);
  EXPECT_EQ(run({"twin-acquire", "--check-audit", "older.jsonl", "--bounds", "bounds.yaml"}).status,
            0);
  log.replace(log.find("\"mode\":\"track\",\"scan\":\"xanes-quick\",\"every_seconds\":20"), 14,
              "\"mode\":\"TRACK\"");
  put("forged.jsonl", log);
  const auto forged =
      run({"twin-acquire", "--check-audit", "forged.jsonl", "--bounds", "bounds.yaml"});
  EXPECT_EQ(forged.status, 1);
  EXPECT_THAT(forged.out, HasSubstr("forged.jsonl:2: ordered TRACK"));
}

TEST_F(TwinAcquireObey, WithoutArmsItOnlySaysSo) {
  arm();
  start("actuator: {file: mode.yaml}\n", false);
  command("track");
  EXPECT_TRUE(until([&] { return out_.find("only said") != out_.npos && told("mode-ordered"); }));
  EXPECT_EQ(end(), 143);
  EXPECT_FALSE(exists("mode.yaml"));
}

TEST_F(TwinAcquireObey, ATokenThatEndsDisarms) {
  start();
  command("track");
  EXPECT_TRUE(told("mode-ordered"));
  EXPECT_FALSE(exists("mode.yaml"));  // no token yet
  arm(2.5);
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("track");
  EXPECT_FALSE(until([&] { return mode() == "track"; }, 1));
  arm();
  EXPECT_TRUE(until([&] { return std::ranges::count(events(), "begin") == 3; }));
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(said_, HasSubstr("holds no more"));
  EXPECT_EQ(run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"}).status,
            0);
}

// Said of another mode, while nothing is armed, is nothing that a beamline confirms.
TEST_F(TwinAcquireObey, ATokenThatIsRenewedArmsAgain) {
  put_program("set-mode", "#!/bin/sh\necho $1 > is\n");
  arm();
  start("actuator: {program: [bin/set-mode, '{mode}']}\nread_back: {file: is}\n");
  EXPECT_TRUE(told("mode-confirmed"));
  fs::remove(path("token"));
  EXPECT_TRUE(told("disarmed"));
  command("track");
  EXPECT_TRUE(told("mode-ordered"));
  EXPECT_FALSE(until([&] { return get("is") != "quiet\n"; }, 4));  // longer than confirm_within
  arm();
  EXPECT_TRUE(until([&] { return std::ranges::count(events(), "begin") == 2; }));
  command("track");
  EXPECT_TRUE(until([&] { return get("is") == "track\n"; }));
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(std::ranges::count(events(), "not-confirmed"), 0);
  EXPECT_EQ(run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"}).status,
            0);
}

TEST_F(TwinAcquireObey, WhatIsNoCommandIsNotObeyed) {
  arm();
  start();
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  command("shutter");
  EXPECT_TRUE(told("command-refused"));
  command("track", 60, 100);
  EXPECT_TRUE(until([&] { return out_.find("it has expired") != out_.npos; }));
  put("rate.yaml", "mode: [track");
  EXPECT_TRUE(until([&] { return said_.find("it is not obeyed") != said_.npos; }));
  fs::remove(path("rate.yaml"));
  fs::create_directory(path("rate.yaml"));
  EXPECT_EQ(mode(), "quiet");
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireObey, AnOperatorWinsAndABeamIsWaitedFor) {
  arm();
  start();
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  put("no-beam", "");
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  fs::remove(path("no-beam"));
  EXPECT_TRUE(told("beam-back"));
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  put("operator", "");
  EXPECT_TRUE(told("operator-override"));
  put("mode.yaml", "mode: of the operator\n");
  command("track");
  EXPECT_TRUE(told("command-refused"));
  EXPECT_EQ(end(SIGINT), 130);
  EXPECT_EQ(mode(), "of the operator");  // not even at the end
}

TEST_F(TwinAcquireObey, ProgramsAreToldAndAsked) {
  put_program("set-mode", "#!/bin/sh\necho \"$@\" >> told\necho \"$1\" > is\n");
  arm();
  start(
      "actuator: {program: [bin/set-mode, '{mode}', '{every}', 'x; touch hacked']}\n"
      "read_back: {file: is}\n");
  EXPECT_TRUE(told("mode-confirmed"));
  command("track");
  EXPECT_TRUE(until([&] { return std::ranges::count(events(), "mode-confirmed") == 2; }));
  EXPECT_EQ(get("told"), "quiet 600 x; touch hacked\ntrack 20 x; touch hacked\n");
  EXPECT_FALSE(exists("hacked"));
  put("is", "by hand\n");
  EXPECT_TRUE(told("manual-change"));
  command("track");
  EXPECT_TRUE(told("command-refused"));
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(std::ranges::count(get("told"), '\n'), 2);
}

TEST_F(TwinAcquireObey, OneThatIsNotConfirmedEndsIt) {
  put_program("set-mode", "#!/bin/sh\necho \"$@\" >> told\n");
  arm();
  start("actuator: {program: [bin/set-mode, '{mode}']}\nread_back: {file: is}\n");
  EXPECT_TRUE(told("not-confirmed"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireObey, AProgramThatFailsEndsIt) {
  put_program("set-mode", "#!/bin/sh\necho no such mode >&2\nexit 3\n");
  arm();
  start("actuator: {program: [bin/set-mode, '{mode}']}\n");
  EXPECT_TRUE(told("not-sent"));
  EXPECT_THAT(out_, HasSubstr("status 3: no such mode"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireObey, ASecondOneShallTryAgainLater) {
  arm();
  start();
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  const auto second = run({"twin-acquire", "--obey", "rate.yaml", "--bounds", "bounds.yaml"});
  EXPECT_EQ(second.status, 75) << second.error;
  EXPECT_EQ(end(), 143);
}

// The newest command of the run before counts no more.
TEST_F(TwinAcquireObey, KilledItRemembers) {
  arm();
  start();
  command("track");
  EXPECT_TRUE(until([&] { return mode() == "track"; }));
  EXPECT_EQ(end(SIGKILL), 137);
  put("audit.jsonl", get("audit.jsonl") + "{\"torn");
  start();
  EXPECT_TRUE(until([&] { return mode() == "track"; }));  // it is in time, and goes on
  command("quiet");
  EXPECT_TRUE(until([&] { return mode() == "quiet"; }));
  EXPECT_EQ(end(SIGKILL), 137);
  command("track", 60, 30);
  start();
  EXPECT_TRUE(told("command-refused"));
  EXPECT_THAT(out_, HasSubstr("not newer"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireObey, BoundsThatAreNoneRefuseToStart) {
  const auto said = [&](const std::string& text) {
    put("bad.yaml", text);
    const auto run_ = run({"twin-acquire", "--obey", "rate.yaml", "--bounds", "bad.yaml"});
    EXPECT_EQ(run_.status, 78) << text;
    return run_.error;
  };
  const std::string actuator = "actuator: {file: m}\n";
  EXPECT_THAT(said(obey_bounds), HasSubstr("actuator"));
  EXPECT_THAT(said(obey_bounds + actuator + "shutter: open\n"), HasSubstr("shutter"));
  std::string fast = obey_bounds + actuator;
  fast.replace(fast.find("20 s"), 4, "5 s ");
  EXPECT_THAT(said(fast), HasSubstr("bad.yaml:5"));
  std::string unsafe = obey_bounds + actuator;
  unsafe.replace(unsafe.find("safe_mode: quiet"), 16, "safe_mode: loud");
  EXPECT_THAT(said(unsafe), HasSubstr("loud is none of modes"));
  EXPECT_EQ(run({"twin-acquire", "--obey", "rate.yaml"}).status, 64);
  EXPECT_EQ(run({"twin-acquire", "--arm"}).status, 64);
}

}  // namespace

}  // namespace acquire_obey_test
