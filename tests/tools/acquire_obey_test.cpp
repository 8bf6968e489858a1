// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --obey: commands come in by a file, modes go out, within bounds.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/text.h"
#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "stream/codec.h"
#include "stream/yaml.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_obey_test {
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

namespace fs = std::filesystem;

const std::string bounds =
    "format: twin-bounds/1\nevery: {least: 10 s, most: 1 h}\n"
    "modes:\n  quiet: {scan: exafs-full, every: 10 min}\n"
    "  track: {scan: xanes-quick, every: 20 s, at_most: 30 min}\nsafe_mode: quiet\n"
    "slew: {factor: 1000, per: 1e-3 s}\ndwell: 1e-3 s\nresume_after: 0.5 s\nconfirm_within: 3 s\n"
    "token: token\naudit: audit.jsonl\noverride: operator\nsuspend: no-beam\n";

class TwinAcquireObey : public Tools {
 protected:
  void start(const std::string& more = "actuator: {file: mode.yaml}\n", bool arm = true) {
    put("bounds.yaml", bounds + more);
    Words argv{tools_dir() + "/twin-acquire", "--obey", "rate.yaml", "--bounds", "bounds.yaml"};
    if (arm) argv.emplace_back("--arm");
    said_.clear();
    out_.clear();
    child_ = std::make_unique<process::Child>(
        process::Launch{.argv = argv, .folder = path(""), .environment = environment()});
    child_->close_input();
  }

  void arm(double seconds = 3600) { put("token", utc_of(seconds_now() + seconds) + "\n"); }

  /// As twin-steer puts it there.
  void command(const std::string& mode, double ttl = 60, double age = 0) {
    record::Command one;
    one.header.id = "command" + std::to_string(++sequence_);
    one.header.by = "steer";
    one.header.time = utc_of(seconds_now() - age);
    one.sequence = sequence_;
    one.mode = mode;
    one.ttl_seconds = ttl;
    one.reason = "it changes";
    put("next", stream::dump_yaml(stream::encode(record::Record(one))));
    fs::rename(path("next"), path("rate.yaml"));
  }

  [[nodiscard]] std::string mode(const std::string& file = "mode.yaml") const {
    if (!exists(file)) return "";
    const std::string text = get(file);
    for (const auto line : split(text, '\n'))
      if (line.starts_with("mode: ")) return std::string(line.substr(6));
    return text;
  }

  /// Whether something comes to be so.
  bool until(const std::function<bool()>& so, double seconds = 30) {
    const double end = monotonic_seconds() + seconds;
    while (!so()) {
      if (monotonic_seconds() > end) return false;
      read(0.02);
    }
    return true;
  }

  void read(double seconds) {
    if (const auto chunk = child_->read(process::Seconds(seconds)))
      (chunk->channel == process::Channel::out ? out_ : said_) += chunk->bytes;
    else if (!child_->timed_out())
      ::usleep(20000);
  }

  /// What has been told by events so far, and what now.
  Words events() {
    Words out;
    for (const auto& event : all<record::Event>(out_.substr(0, out_.rfind('\n') + 1)))
      out.push_back(event.what);
    return out;
  }
  bool told(const std::string& what) {
    return until([&] { return std::ranges::count(events(), what) > 0; });
  }

  int end(int signal = SIGTERM) {
    ::kill(child_->pid(), signal);
    while (const auto chunk = child_->read(process::Seconds(20)))
      (chunk->channel == process::Channel::out ? out_ : said_) += chunk->bytes;
    return child_->wait(process::Seconds(20)).status;
  }

  std::unique_ptr<process::Child> child_;
  std::string out_, said_;
  int sequence_ = 0;
};

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
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(said_, HasSubstr("holds no more"));
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
  EXPECT_THAT(said(bounds), HasSubstr("actuator"));
  EXPECT_THAT(said(bounds + actuator + "shutter: open\n"), HasSubstr("shutter"));
  std::string fast = bounds + actuator;
  fast.replace(fast.find("20 s"), 4, "5 s ");
  EXPECT_THAT(said(fast), HasSubstr("bad.yaml:5"));
  std::string unsafe = bounds + actuator;
  unsafe.replace(unsafe.find("safe_mode: quiet"), 16, "safe_mode: loud");
  EXPECT_THAT(said(unsafe), HasSubstr("loud is none of modes"));
  EXPECT_EQ(run({"twin-acquire", "--obey", "rate.yaml"}).status, 64);
  EXPECT_EQ(run({"twin-acquire", "--arm"}).status, 64);
}

}  // namespace

}  // namespace acquire_obey_test
