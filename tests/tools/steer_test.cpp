// SPDX-License-Identifier: GPL-3.0-or-later
#include <regex>

#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace steer_test {

namespace {

struct TwinSteer : Tools {
  TwinSteer() { put("policy.yaml", policy()); }
};

std::string two_periods() {
  return whole_stream(line(result("cold", 2.540, 0.001)) + line(result("warm", 2.560, 0.001)));
}

TEST_F(TwinSteer, DatesADifferenceAndAsksForTheTrackingMode) {
  const auto said = run({"twin-steer", "--policy", "policy.yaml"}, two_periods());
  EXPECT_EQ(said.status, 0) << said.error;
  const auto events = all<record::Event>(said.out);
  const auto commands = all<record::Command>(said.out);
  ASSERT_EQ(events.size(), 1U);
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(events[0].significant, std::vector<std::string>{"r:Cu-Cu.1"});
  EXPECT_NEAR(*events[0].quantities.at("r:Cu-Cu.1").value, 0.020, 1e-12);
  EXPECT_EQ(commands[0].mode, "track");
  EXPECT_EQ(commands[0].header.from, std::vector<std::string>{events[0].header.id});
  EXPECT_NE(get("rate.yaml").find("track"), std::string::npos);
}

TEST_F(TwinSteer, StaysQuietWhereNothingDiffers) {
  const auto said =
      run({"twin-steer", "--policy", "policy.yaml"},
          whole_stream(line(result("a", 2.540, 0.001)) + line(result("b", 2.5405, 0.001))));
  EXPECT_EQ(said.status, 0);
  ASSERT_EQ(all<record::Command>(said.out).size(), 1U);
  EXPECT_EQ(all<record::Command>(said.out)[0].mode, "quiet");
}

TEST_F(TwinSteer, TheSameInputGivesTheSameCommands) {
  const Words argv{"twin-steer", "--policy", "policy.yaml"};
  const auto first = run(argv, two_periods());
  const auto rate = get("rate.yaml");
  const auto second = run(argv, two_periods());
  const auto a = records(first.out), b = records(second.out);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(record::header_of(a[i]).id, record::header_of(b[i]).id) << i;
  const auto without_time = [](const std::string& text) {
    return std::regex_replace(text, std::regex("(time|sequence|id): [^\n]*"), "$1");
  };
  EXPECT_EQ(without_time(rate), without_time(get("rate.yaml")));
}

TEST_F(TwinSteer, PeriodsOfLongAgoGiveCommandsAndNoFile) {
  auto cold = result("cold", 2.540, 0.001), warm = result("warm", 2.560, 0.001);
  cold.measured_at = warm.measured_at = "2024-01-01T00:00:00.000Z";
  const auto said =
      run({"twin-steer", "--policy", "policy.yaml"}, whole_stream(line(cold) + line(warm)));
  EXPECT_EQ(all<record::Command>(said.out).back().mode, "track");
  EXPECT_NE(said.error.find("no file"), std::string::npos) << said.error;
  EXPECT_FALSE(exists("rate.yaml"));
}

TEST_F(TwinSteer, CommandsGoWhereTheOptionSays) {
  const auto said =
      run({"twin-steer", "--policy", "policy.yaml", "--commands", "other.yaml"}, two_periods());
  EXPECT_EQ(said.status, 0);
  EXPECT_TRUE(exists("other.yaml"));
  EXPECT_FALSE(exists("rate.yaml"));
}

TEST_F(TwinSteer, NoResultsAre65) {
  const auto said = run({"twin-steer", "--policy", "policy.yaml"}, whole_stream(""));
  EXPECT_EQ(said.status, 65);
  EXPECT_NE(said.error.find("no measured results"), std::string::npos);
  EXPECT_EQ(all<record::End>(said.out).back().status, 65);
}

TEST_F(TwinSteer, ControlRecordsPass) {
  record::Gap gap;
  gap.reason = "behind";
  gap.count = 3;
  record::Failure failure;
  failure.what = "a.xdi:3: broken";
  failure.cause = 65;
  const auto said = run({"twin-steer", "--policy", "policy.yaml"},
                        whole_stream(line(gap) + line(failure) + line(result("a", 2.5, 0.1))));
  EXPECT_EQ(all<record::Gap>(said.out).size(), 1U);
  EXPECT_EQ(all<record::Failure>(said.out).size(), 1U);
  EXPECT_EQ(all<record::Start>(said.out).size(), 2U);
}

TEST_F(TwinSteer, RefusesWithoutAPolicyAndWithABadOne) {
  EXPECT_EQ(run({"twin-steer"}, two_periods()).status, 64);
  EXPECT_EQ(run({"twin-steer", "--policy", "none.yaml"}, two_periods()).status, 66);
  put("bad.yaml", policy() + "watchs: [r:Cu-Cu.1]\n");
  const auto said = run({"twin-steer", "--policy", "bad.yaml"}, two_periods());
  EXPECT_EQ(said.status, 78);
  EXPECT_NE(said.error.find("bad.yaml:11"), std::string::npos) << said.error;
  EXPECT_NE(said.error.find("watch"), std::string::npos) << said.error;
}

TEST_F(TwinSteer, ACommandFileThatCannotBeMadeIsAnErrorOfTheOutput) {
  const auto said = run(
      {"twin-steer", "--policy", "policy.yaml", "--commands", "no/such/rate.yaml"}, two_periods());
  EXPECT_EQ(said.status, 73);
}

TEST_F(TwinSteer, GarbageBetweenResultsIsAFailureRecord) {
  const auto said = run({"twin-steer", "--policy", "policy.yaml"},
                        line(result("a", 2.5, 0.1)) + "\x01\x02garbage\n");
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(all<record::Failure>(said.out).size(), 1U);
}

TEST_F(TwinSteer, OfAHalfReadRunNoPeriodsAreCompared) {
  record::Gap gap;
  gap.reason = "both are read";
  put("first.jsonl",
      line(result("cold", 2.54, 0.001)) + line(result("warm", 2.56, 0.001)) + line(gap));
  const auto said = bash(
      "mkfifo in; twin-steer --quiet --policy policy.yaml < in > out & exec 3> in; "
      "cat first.jsonl >&3; until grep -q both out; do sleep 0.01; done; kill -TERM $!; "
      "wait $!; echo status $?; exec 3>&-");
  EXPECT_NE(said.out.find("status 143"), std::string::npos) << said.out << said.error;
  EXPECT_FALSE(exists("rate.yaml"));
  EXPECT_EQ(get("out").find("period-difference"), std::string::npos);
}

}  // namespace

}  // namespace steer_test
