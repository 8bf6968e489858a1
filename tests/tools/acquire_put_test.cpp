// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --obey by a process variable: put with callback, read back, within the record's
// limits.
#include <gmock/gmock.h>
#include <unistd.h>

#include "epics.h"
#include "obey.h"

using namespace twin;
using namespace tools;

namespace acquire_put_test {
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

class TwinAcquirePuts : public TwinAcquireObey {
 protected:
  void puts(const std::string& more = "", const std::string& values = "quiet: 0, track: 2") {
    arm();
    start("actuator: {pv: 'T:mode', unit: '', values: {" + values + "}" + more +
          "}\nread_back: {pv: 'T:mode:is'}\n");
  }

  /// A mode is put, and a program is told it as well.
  void puts_and_tells() {
    put_program("set-mode", "#!/bin/sh\necho $1 > told\n");
    puts(", within: 1 s, program: [bin/set-mode, '{mode}']");
  }

  std::string children() {
    return run({"pgrep", "-P", std::to_string(child_->pid()), "-f", "epics-child"}).out;
  }

  /// What the record holds, and what is read back.
  std::string is() { return ioc_.say("pass"); }

  bool confirmed(int times) {
    return until([&] { return std::ranges::count(events(), "mode-confirmed") == times; });
  }

  /// Its status where it refuses to begin.
  int refused() {
    while (const auto chunk = child_->read(process::Seconds(30)))
      (chunk->channel == process::Channel::out ? out_ : said_) += chunk->bytes;
    return child_->wait(process::Seconds(20)).status;
  }

  Ioc ioc_;
};

TEST_F(TwinAcquirePuts, AModeIsPutAndReadBack) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  ioc_.say("mode.set(1)");
  puts();
  EXPECT_TRUE(confirmed(1));
  EXPECT_EQ(is(), "+ 0 0");
  command("track");
  EXPECT_TRUE(confirmed(2));
  EXPECT_EQ(is(), "+ 2 2");
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(is(), "+ 0 0");
  EXPECT_EQ(run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"}).status,
            0);
}

TEST_F(TwinAcquirePuts, WhatTheRecordWouldClipIsRefused) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts("", "quiet: 0, track: 3");
  EXPECT_EQ(refused(), 78);
  EXPECT_THAT(said_, HasSubstr("T:mode: track is 3; the record's own limits are 0 to 2"));
  // Limits may change while all goes on: they are asked for before each put.
  puts();
  EXPECT_TRUE(confirmed(1));
  ioc_.say("mode.set_field('DRVH', '1')");
  command("track");
  EXPECT_TRUE(told("not-sent"));
  EXPECT_THAT(out_, HasSubstr("the record's own limits are 0 to 1"));
  EXPECT_EQ(is(), "+ 0 0");
  EXPECT_EQ(end(), 143);
  start("actuator: {pv: 'T:temperature', unit: '', values: {quiet: 0, track: 1}}\n");
  EXPECT_EQ(refused(), 78);
  EXPECT_THAT(said_, HasSubstr("T:temperature is in \"K\"; none is expected"));
}

TEST_F(TwinAcquirePuts, OneThatIsNotReadBackIsAnAlarmAndTheLastOrder) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  ioc_.say("follow = False");
  puts();
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(told("not-confirmed"));
  EXPECT_TRUE(until([&] { return is() == "+ 0 0"; }));
  command("track");
  EXPECT_TRUE(told("command-refused"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquirePuts, WhatAHandSetsEndsIt) {
  SKIP_WITHOUT_IOC();
  ioc_.start("1");  // so that what is read back first was put
  puts();
  EXPECT_TRUE(confirmed(1));
  ioc_.say("is_mode.set(1)");
  EXPECT_TRUE(told("manual-change"));
  EXPECT_THAT(out_, HasSubstr("the beamline is in 1, quiet was ordered"));
  ioc_.say("mode.set(1)");
  EXPECT_EQ(end(SIGKILL), 128 + SIGKILL);
  ::usleep(500000);
  EXPECT_THAT(is(), HasSubstr("+ 1 "));  // it is his
}

TEST_F(TwinAcquirePuts, AChildThatIsKilledIsReplacedAndLeavesTheSameBehind) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts();
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  const std::string first = children();
  ASSERT_NE(first, "");
  ::kill(std::stoi(first), SIGKILL);
  // It puts nothing, for it was not its parent that died; another one hears what a hand sets.
  EXPECT_TRUE(until([&] { return children() != first && !children().empty(); }));
  EXPECT_EQ(is(), "+ 2 2");
  command("quiet");
  EXPECT_TRUE(confirmed(3));
  command("track");
  EXPECT_TRUE(confirmed(4));
  EXPECT_EQ(end(SIGKILL), 128 + SIGKILL);
  for (int i = 0; i < 100 && is() != "+ 0 0"; ++i) ::usleep(50000);
  EXPECT_EQ(is(), "+ 0 0");
}

// Steady for hours nothing is put, and nobody would notice.
TEST_F(TwinAcquirePuts, WhatAHandSetsWhileNobodyHearsIsHis) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts(", within: 1 s");
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  ioc_.kill();
  command("quiet");
  EXPECT_TRUE(told("not-sent"));
  ioc_.start("1");
  EXPECT_TRUE(told("manual-change"));
  EXPECT_THAT(out_, HasSubstr("the beamline is in 1, quiet was ordered"));
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(is(), "+ 1 1");
  EXPECT_EQ(run({"twin-acquire", "--check-audit", "audit.jsonl", "--bounds", "bounds.yaml"}).status,
            0);
}

TEST_F(TwinAcquirePuts, AModeThatIsNotHeardOfAnyMoreIsLeft) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  arm();
  start(
      "actuator: {pv: 'T:mode', unit: '', values: {quiet: 0, track: 2}}\n"
      "read_back: {pv: 'T:mode:is'}\n");
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  ioc_.kill();
  EXPECT_TRUE(told("not-sent"));
  EXPECT_THAT(out_, HasSubstr("the beamline has not said its mode for 9 s"));
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(said_, HasSubstr("the beamline is not in its safe mode"));
}

TEST_F(TwinAcquirePuts, ATokenThatEndsWhileTheIocIsAwayLeavesTheSafeModeToSend) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts_and_tells();
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  EXPECT_EQ(get("told"), "track\n");
  ioc_.kill();
  fs::remove(path("token"));
  EXPECT_TRUE(until([&] { return said_.find("the safe mode is tried") != said_.npos; }));
  // The other way is told, though this one fails.
  EXPECT_TRUE(until([&] { return get("told") == "quiet\n"; }));
  EXPECT_THAT(said_, Not(HasSubstr("nothing is ordered\n")));
  ioc_.start("2");
  EXPECT_TRUE(until([&] { return is() == "+ 0 0"; }));
  EXPECT_TRUE(until([&] { return said_.find("nothing is ordered") != said_.npos; }));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquirePuts, KilledWhileTheIocIsAwayTheSafeModeComesWhenItIsBack) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts();
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  ioc_.kill();
  EXPECT_EQ(end(SIGKILL), 128 + SIGKILL);
  ::sleep(5);
  ioc_.start("2");
  for (int i = 0; i < 400 && is() != "+ 0 0"; ++i) ::usleep(50000);
  EXPECT_EQ(is(), "+ 0 0");
}

TEST_F(TwinAcquirePuts, KilledItLeavesTheSafeModeBehind) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts();
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  EXPECT_EQ(is(), "+ 2 2");
  EXPECT_EQ(end(SIGKILL), 128 + SIGKILL);
  for (int i = 0; i < 100 && is() != "+ 0 0"; ++i) ::usleep(50000);
  EXPECT_EQ(is(), "+ 0 0");
  for (int i = 0; i < 100 && !left_behind().empty(); ++i) ::usleep(50000);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(TwinAcquirePuts, AnIocThatDiesEndsItAndGetsTheSafeModeWhenItIsBack) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts(", within: 1 s");
  EXPECT_TRUE(confirmed(1));
  command("track");
  EXPECT_TRUE(confirmed(2));
  ioc_.kill();
  command("quiet");
  EXPECT_TRUE(told("not-sent"));
  EXPECT_THAT(out_, HasSubstr("T:mode: "));
  ioc_.start();
  ioc_.say("mode.set(2)");
  EXPECT_TRUE(until([&] { return is().starts_with("+ 0 "); }));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquirePuts, AnIocThatHangsIsGivenUpAndGetsTheSafeModeWhenItWakes) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  puts(", within: 1 s");
  EXPECT_TRUE(confirmed(1));
  ioc_.hang();
  command("track");
  EXPECT_TRUE(told("not-sent"));
  EXPECT_THAT(out_, HasSubstr("T:mode: its IOC gave no answer within 1 s"));
  ioc_.wake();
  // Whatever waited there for it comes first; the safe mode is tried until it could be put.
  EXPECT_TRUE(until([&] { return std::ranges::count(events(), "not-sent") > 1; }));
  EXPECT_TRUE(until([&] { return is() == "+ 0 0"; }));
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(is(), "+ 0 0");
}

TEST_F(TwinAcquirePuts, ARecordThatRefusesIsNotAskedForLong) {
  SKIP_WITHOUT_IOC();
  ioc_.start();
  arm();
  start("actuator: {pv: 'T:locked', unit: '', values: {quiet: 1, track: 2}, within: 20 s}\n");
  EXPECT_TRUE(told("not-sent"));
  EXPECT_THAT(out_, HasSubstr("T:locked: quiet was refused: "));
  command("track");
  EXPECT_TRUE(told("command-refused"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquirePuts, NobodyThereIsSaidAtTheBeginning) {
  SKIP_WITHOUT_IOC();
  puts(", within: 0.3 s");
  EXPECT_EQ(refused(), 69);
  EXPECT_THAT(said_, HasSubstr("T:mode: no IOC has it, or none answered within 0.3 s"));
}

TEST_F(TwinAcquirePuts, BoundsThatAreWrongAreToldAndLibcaIsNeededForArmsAlone) {
  ioc_.set("TWIN_LIBCA", path("nothing.so"));
  puts();
  EXPECT_EQ(refused(), 69);
  EXPECT_THAT(said_, HasSubstr("libca"));
  start("actuator: {pv: 'T:mode', unit: '', values: {quiet: 0, track: 2}}\n", false);
  EXPECT_TRUE(told("begin"));
  EXPECT_EQ(end(), 143);
  for (const auto* values :
       {"quiet: 0", "quiet: 0, track: 1, x: 2", "quiet: 1, track: 1", "quiet: 0, track: 1 K"}) {
    puts("", values);
    EXPECT_EQ(refused(), 78) << values;
    EXPECT_THAT(said_, HasSubstr("bounds.yaml:"));
  }
}

}  // namespace

}  // namespace acquire_put_test
