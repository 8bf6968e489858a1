// SPDX-License-Identifier: GPL-3.0-or-later
// twin-steer --log and --replay: what was decided, and that it is decided so again.
#include "steer_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <set>

#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace tools;
using ::testing::HasSubstr;
using ::testing::Not;

namespace steer_replay_test {

namespace {

TEST_F(TwinSteerReplay, ARunThatWasStoppedAndItsRestartGiveEachCommandAgain) {
  const double now = seconds_now() - 20;
  // The first results are older than a command holds, and ask for nothing in the file.
  put("old.jsonl", series(0, 5, 60, 400, now - 300));
  put("first.jsonl", series(5, 70, 60, 400, now));
  const auto stopped = bash(
      "mkfifo in out; twin-steer --quiet --policy policy.yaml --log log.jsonl < in > out & "
      "exec 3> in 4< out; cat old.jsonl first.jsonl >&3; "
      "while read -r line <&4; do echo \"$line\"; case $line in *'\"mode\":\"track\"'*) break;; "
      "esac; done > one; kill -TERM $!; cat <&4 >> one; wait $!; echo status $?");
  ASSERT_THAT(stopped.out, HasSubstr("status 143"));
  const auto again = run(logging, whole_stream(series(0, 140, 60, 100, now)));
  ASSERT_EQ(again.status, 0) << again.error;
  const auto files = get("rate.yaml") + get("dose.yaml") + get("log.jsonl");
  auto given = commands(get("one"));
  for (const auto& one : commands(again.out)) given.push_back(one);
  std::set<std::string> modes;
  for (const auto& one : all<record::Command>(again.out)) modes.insert(one.mode);
  EXPECT_GE(modes.size(), 2U);

  // With nothing but the log, years later, and nothing is touched.
  const auto said = bash(
      "mkdir there; cp log.jsonl there; cd there; SOURCE_DATE_EPOCH=2000000000 twin-steer --replay "
      "log.jsonl; echo $? > status; "
      "ls > ../list");
  EXPECT_EQ(get("there/status"), "0\n") << said.error;
  EXPECT_EQ(get("list"), "log.jsonl\nstatus\n");
  EXPECT_EQ(get("rate.yaml") + get("dose.yaml") + get("log.jsonl"), files);
  EXPECT_THAT(said.error, HasSubstr("2 runs, " + std::to_string(given.size()) + " commands given"));
  // Those that were given, byte for byte and in their order; what the file held in the end.
  auto next = given.begin();
  const auto replayed = commands(said.out);
  for (const auto& one : replayed)
    if (next != given.end() && one == *next) ++next;
  EXPECT_EQ(next - given.begin(), static_cast<std::ptrdiff_t>(given.size()));
  EXPECT_EQ(line(stream::decode(stream::parse_yaml(get("rate.yaml"), "rate.yaml"))),
            replayed.back() + "\n");
  // Of the old results none was put, of the others each that said something.
  EXPECT_GT(replayed.size(), given.size() + 60);
}

TEST_F(TwinSteerReplay, OneNumberThatIsOtherIsToldWithItsLine) {
  ASSERT_EQ(run(logging, whole_stream(series(0, 70, 60, 400))).status, 0);
  ASSERT_EQ(replay().status, 0);
  const auto log = get("log.jsonl");
  std::string moved = log;
  const auto value = log.find("\"value\":2.5", log.find("\"scan\":\"s50\""));
  moved[value + 10] = '7';  // 2.5... becomes 2.7...
  expect_other(moved, "other.jsonl:53: what came is not what was logged");
  expect_other(moved, "other.jsonl:53: log_sum: ");
  // Of the baseline's first a last digit: it changes no mode.
  expect_other(replaced(log, "\"sigma\":0.002,", "\"sigma\":0.0020001,"),
               "other.jsonl:3: what came is not what was logged");
  expect_other(replaced(log, "\"mode\":\"track\"", "\"mode\":\"quiet\""),
               ": commands.1.mode: \"quiet\", now \"track\"");
  expect_other(replaced(log, "\"ttl\":\"60 s\"", "\"ttl\":\"61 s\""), "ttl_seconds: 60, now 61");
  const auto number = log.find("\"number\":") + 9;
  std::string counted = log;
  counted[number] = '2';
  expect_other(counted, "put.sequence: 1");
  expect_other(replaced(log, "\"spent_Gy\":0.3", "\"spent_Gy\":0.4"), "spent_Gy: 0.4, now 0.3");
}

TEST_F(TwinSteerReplay, ATornLineIsToldAndADamagedOneRefused) {
  ASSERT_EQ(run(logging, whole_stream(series(0, 70, 60, 400))).status, 0);
  const auto log = get("log.jsonl");
  std::mt19937_64 random(3);
  for (int i = 0; i < 20; ++i) {
    auto size = random() % log.size();
    if (log[size] == '\n' || size == 0 || log[size - 1] == '\n') size += 2;
    put("torn.jsonl", log.substr(0, size));
    const auto said = replay("torn.jsonl");
    EXPECT_EQ(said.status, 0) << size << said.error;
    EXPECT_THAT(said.error, HasSubstr("torn"));
  }
  const auto from = log.find('\n') + 1;
  for (const std::string& bad :
       {log.substr(0, from) + log.substr(from + 1), log.substr(from), std::string("{}\n"),
        std::string(), replaced(log, "\"input\":\"record\"", "\"input\":\"rumour\""),
        replaced(log, "twin-steer-log/1", "twin-steer-log/2"),
        replaced(log, "\"input\":\"record\",\"time\":\"20",
                 "\"input\":\"record\",\"time\":\"at 20")}) {
    put("bad.jsonl", bad);
    const auto said = replay("bad.jsonl");
    EXPECT_EQ(said.status, 65) << bad.substr(0, 80);
    EXPECT_THAT(said.error, HasSubstr("bad.jsonl"));
  }
  EXPECT_EQ(replay("none.jsonl").status, 66);
  put("version.jsonl",
      std::regex_replace(log, std::regex("\"version\":\"[^\"]*\""), "\"version\":\"0.0.1\""));
  const auto older = replay("version.jsonl");
  EXPECT_THAT(older.error, HasSubstr("version.jsonl:1: written by version 0.0.1"));
}

TEST_F(TwinSteerReplay, TheNextRunCutsATornLineOff) {
  ASSERT_EQ(run(logging, whole_stream(series(0, 40, 60, 400))).status, 0);
  put("log.jsonl", get("log.jsonl") + "{\"input\":\"rec");
  ASSERT_EQ(run(logging, whole_stream(series(0, 40, 60, 400))).status, 0);
  const auto said = replay();
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.error, Not(HasSubstr("torn")));
  EXPECT_THAT(said.error, HasSubstr("2 runs"));
}

TEST_F(TwinSteerReplay, ComparisonsOfPeriodsAreReplayed) {
  put("policy.yaml", policy());
  std::string input;
  for (const char* period : {"cold", "warm", "hot"})
    for (int k = 0; k < 5; ++k) {
      auto r = result(period, period[0] == 'w' ? 2.56 : 2.54 + 0.001 * k, 0.002);
      r.context.scan = period + std::to_string(k);
      input += line(r);
    }
  const auto given = run(logging, whole_stream(input));
  ASSERT_EQ(given.status, 0) << given.error;
  ASSERT_EQ(commands(given.out).size(), 3U);
  const auto said = replay();
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(commands(said.out).size(), 4U);  // one of them was put
  for (const auto& one : commands(given.out)) EXPECT_THAT(said.out, HasSubstr(one));
}

TEST_F(TwinSteerReplay, WhatTheTwinForetoldIsReplayed) {
  put("policy.yaml",
      get("policy.yaml") + "forecast: {raise_if: \"P(onset within 5 min) > 0.3\", mode: watch}\n");
  record::ModelRecord twin_model;
  twin_model.model = stream::decode_model(
      stream::parse_yaml(
          replaced(model(), "free:",
                   "alternatives:\n  - {name: hot, lattice: fcc, element: Cu, a: 3.7 Å}\n"
                   "transitions:\n  - {from: structure, to: hot, at: {mean: 310 K, "
                   "sigma: 3 K}, width: {mean: 4 K, sigma: 1 K}}\nfree:"),
          "model.yaml"),
      "model.yaml");
  const std::string told = line(twin_model);
  std::string input = told;
  const auto results = series(0, 120, 400, 400, seconds_now() - 30);
  const auto first = record::header_of(records(results).front()).id;
  record::Verdict verdict;
  verdict.answer = record::Answer::match;
  verdict.model = record::header_of(records(told).front()).id;
  verdict.alternative = "Cu_zhou";
  verdict.header.from = {first};
  const auto one = results.find('\n') + 1;
  input += results.substr(0, one) + line(verdict) + results.substr(one);
  const auto given = run(logging, whole_stream(input));
  ASSERT_EQ(given.status, 0) << given.error;
  ASSERT_THAT(given.out, HasSubstr("\"what\":\"forecast\""));
  ASSERT_THAT(given.out, HasSubstr("\"mode\":\"watch\""));
  const auto said = replay();
  EXPECT_EQ(said.status, 0) << said.error;
  for (const auto& command : commands(given.out)) EXPECT_THAT(said.out, HasSubstr(command));
}

TEST_F(TwinSteerReplay, TakesNoOtherOption) {
  const auto said = run({"twin-steer", "--replay", "log.jsonl", "--policy", "policy.yaml"});
  EXPECT_EQ(said.status, 64);
  EXPECT_EQ(said.out, "");
}

}  // namespace

}  // namespace steer_replay_test
