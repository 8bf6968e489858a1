// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <new>
#include <stdexcept>
#include <thread>

#include "cli/log.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "in_child.h"
#include "stream/json.h"

namespace run_test {

using testing::HasSubstr;
using testing::Not;
using twin::Cause;
using twin::Error;
using twin::app::Session;

namespace {

/// The records of a stream of JSON lines.
std::vector<twin::record::Value> records(const std::string& text) {
  std::vector<twin::record::Value> result;
  for (const auto line : twin::split(text, '\n'))
    if (!line.empty()) result.push_back(twin::stream::parse_json(line, "out"));
  return result;
}

std::string kind(const twin::record::Value& record) { return record.find("kind")->string(); }

/// The status in the last record, which must be an end.
long long end_status(const Ran& ran) {
  const auto all = records(ran.out);
  if (all.empty() || kind(all.back()) != "end") return -1;
  const auto* status = all.back().find("status");
  return status ? status->integer() : 0;  // a default may be left out
}

void announce_and_wait(Session&) {
  for (int i = 0; i < 2000 && !twin::app::interrupted(); ++i) {
    if (i == 0) twin::cli::note("ready");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST(Run, WritesStartAndEnd) {
  const auto ran = run_in_child({.arguments = {"--quiet", "a", "b"}});
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_EQ(ran.error, "");
  const auto all = records(ran.out);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(kind(all[0]), "start");
  EXPECT_EQ(all[0].find("tool")->string(), "twin-tiny");
  const auto& command = all[0].find("command")->array();
  ASSERT_EQ(command.size(), 3u);  // the name without its folder, without --quiet
  EXPECT_EQ(command[0].string(), "twin-tiny");
  EXPECT_EQ(end_status(ran), 0);
}

TEST(Run, StdinIsTheInputWhenNoneIsNamed) {
  const auto ran = run_in_child({.body = [](Session& session) {
    session.status = session.inputs == std::vector<std::string>{"-"} ? 0 : 1;
  }});
  EXPECT_EQ(ran.status, 0);
}

TEST(Run, StartNamesSeedAndHashes) {
  const twin::TemporaryFolder folder("run");
  const auto recipe = folder.path() + "/recipe.yaml";
  twin::create_file(recipe, "abc");
  const auto ran = run_in_child({.info = [&] {
    return twin::app::StartInfo{7, {recipe, "/dev/null"}};
  }});
  const auto start = records(ran.out).at(0);
  EXPECT_EQ(start.find("seed")->integer(), 7);
  const auto& inputs = start.find("inputs")->array();
  ASSERT_EQ(inputs.size(), 1u);  // /dev/null is no regular file
  EXPECT_EQ(inputs[0].find("sha256")->string(), twin::sha256("abc"));
}

TEST(Run, AMissingRecipeIsSaidAndEnds) {
  const auto ran = run_in_child({.info = [] {
    return twin::app::StartInfo{{}, {"/no/such/recipe"}};
  }});
  EXPECT_EQ(ran.status, 66);
  EXPECT_THAT(ran.error, HasSubstr("/no/such/recipe"));
  EXPECT_EQ(end_status(ran), 66);
}

TEST(Run, TheAnswerNoIsAStatusOfTheBody) {
  const auto ran = run_in_child({.body = [](Session& session) { session.status = 1; }});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(end_status(ran), 1);
  EXPECT_EQ(ran.error, "");
}

TEST(Run, UsageErrorsLeaveStdoutEmpty) {
  const auto unknown = run_in_child({.arguments = {"--recip", "x"}});
  EXPECT_EQ(unknown.status, 64);
  EXPECT_EQ(unknown.out, "");
  EXPECT_EQ(unknown.error, "twin-tiny: error: --recip: no such option; perhaps --recipe\n");
  const auto refused = run_in_child({.info = []() -> twin::app::StartInfo {
    throw Error(Cause::usage, "--recipe: none given");
  }});
  EXPECT_EQ(refused.status, 64);
  EXPECT_EQ(refused.out, "");
}

TEST(Run, EveryCauseIsItsStatusAndTheStreamStillEnds) {
  for (const auto cause :
       {Cause::negative, Cause::data, Cause::no_input, Cause::unavailable, Cause::internal,
        Cause::cannot_create, Cause::try_again, Cause::permission, Cause::configuration}) {
    const auto ran = run_in_child({.body = [cause](Session&) { throw Error(cause, "it\x1b[2J"); }});
    EXPECT_EQ(ran.status, static_cast<int>(cause));
    EXPECT_EQ(end_status(ran), static_cast<int>(cause));
    EXPECT_EQ(ran.error, "twin-tiny: error: it\\x1b[2J\n");
  }
}

TEST(Run, WhatIsNoErrorOfOursIsOurBug) {
  const auto logic = run_in_child({.body = [](Session&) { throw std::logic_error("odd"); }});
  EXPECT_EQ(logic.status, 70);
  EXPECT_THAT(logic.error, HasSubstr("odd; this is a bug of Twinline"));
  EXPECT_EQ(end_status(logic), 70);
  EXPECT_EQ(run_in_child({.body = [](Session&) { throw std::bad_alloc(); }}).status, 70);
  EXPECT_EQ(run_in_child({.body = [](Session&) { throw 3; }}).status, 70);
}

TEST(Run, AFailedRecordIsWrittenAndTheStreamGoesOn) {
  const auto ran = run_in_child({.body = [](Session& session) {
    session.fail(Error(Cause::data, "scan.xdi:14: energy decreases"), "scan.xdi");
    session.fail(Error(Cause::data, "no column mu"), "other.xdi");
  }});
  EXPECT_EQ(ran.status, 2);
  const auto all = records(ran.out);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(kind(all[1]), "failure");
  EXPECT_EQ(all[1].find("source")->string(), "scan.xdi");
  EXPECT_EQ(all[1].find("cause")->integer(), 65);
  EXPECT_EQ(end_status(ran), 2);
  EXPECT_EQ(ran.error,
            "twin-tiny: error: scan.xdi:14: energy decreases\n"
            "twin-tiny: error: other.xdi: no column mu\n");
}

TEST(Run, AFullDiskIsAnError) {
  const auto ran = run_in_child({.output = Output::full_disk});
  EXPECT_EQ(ran.status, 74);
  EXPECT_THAT(ran.error, HasSubstr("twin-tiny: error: "));
  EXPECT_EQ(run_in_child({.arguments = {"--help"}, .output = Output::full_disk}).status, 74);
}

TEST(Run, AClosedStdoutIsAnErrorAndNoFileTakesItsPlace) {
  const twin::TemporaryFolder folder("run");
  const auto file = folder.path() + "/kept";
  const auto ran = run_in_child({.info =
                                     [&] {
                                       twin::create_file(file, "mine");
                                       return twin::app::StartInfo{};
                                     },
                                 .output = Output::closed});
  EXPECT_EQ(ran.status, 74);
  EXPECT_EQ(twin::read_file(file), "mine");
}

TEST(Run, AClosedPipeEndsQuietly) {
  const auto ran = run_in_child({.output = Output::reader_gone});
  EXPECT_EQ(ran.status, 141);
  EXPECT_EQ(ran.error, "");
  EXPECT_EQ(run_in_child({.arguments = {"--help"}, .output = Output::reader_gone}).status, 141);
}

TEST(Run, ASignalEndsTheStreamInOrder) {
  const auto term = run_in_child({.body = announce_and_wait, .signals = {SIGTERM}});
  EXPECT_EQ(term.status, 143);
  EXPECT_EQ(end_status(term), 143);
  const auto interrupt = run_in_child({.body = announce_and_wait, .signals = {SIGINT}});
  EXPECT_EQ(interrupt.status, 130);
  EXPECT_EQ(end_status(interrupt), 130);
}

TEST(Run, ASignalExplainsTheErrorThatItLeadsTo) {
  const auto ran = run_in_child({.body =
                                     [](Session& session) {
                                       announce_and_wait(session);
                                       throw Error(Cause::unavailable, "the engine has gone");
                                     },
                                 .signals = {SIGTERM}});
  EXPECT_EQ(ran.status, 143);
  EXPECT_THAT(ran.error, Not(HasSubstr("engine")));
}

TEST(Run, ASecondSignalKills) {
  const auto ran = run_in_child({.body =
                                     [](Session&) {
                                       twin::cli::note("ready");
                                       while (!twin::app::interrupted()) usleep(1000);
                                       twin::cli::note("ready");
                                       for (;;) pause();
                                     },
                                 .signals = {SIGINT, SIGTERM}});
  EXPECT_EQ(ran.status, 143);
  EXPECT_EQ(end_status(ran), -1);  // nobody was left to write one
}

TEST(Run, HelpAndVersionLeaveWithZero) {
  const auto help = run_in_child({.arguments = {"--help"}});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("Usage: twin-tiny [OPTION...] [FILE...]"));
  EXPECT_EQ(run_in_child({.arguments = {"--version"}}).out,
            "twin-tiny (Twinline) " TWINLINE_VERSION "\n");
}

}  // namespace

}  // namespace run_test
