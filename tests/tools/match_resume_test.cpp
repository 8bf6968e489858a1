// SPDX-License-Identifier: GPL-3.0-or-later
// twin-match --resume, --budget, --time: nothing simulated is thrown away or repeated.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "bond_search.h"
#include "core/text.h"
#include "process/child.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace tools;

namespace match_resume_test {
using ::testing::HasSubstr;

namespace {

struct MatchResume : bond_search::Search {
  // How many of its states a stream's own program had simulated.
  static long own_states(const Said& said) {
    const auto start = all<record::Start>(said.out).at(0).header.id;
    const auto states = all<record::State>(said.out);
    return std::ranges::count(states, start, [](const auto& s) { return s.header.by; });
  }
  static long lines_of(const std::string& text, const std::string& kind) {
    long out = 0;
    for (const auto one : split(text, '\n'))
      out += one.find("\"kind\":\"" + kind + "\"") != std::string_view::npos;
    return out;
  }
};

TEST_F(MatchResume, ASearchThatWasKilledGoesOnWhereItWas) {
  begin(2);
  const auto whole = match({});
  const auto runs = static_cast<long>(all<record::State>(whole.out).size());
  ASSERT_GE(runs, 4);
  // An engine that answers twice and then never; the whole group is killed without a word.
  auto argv = command({"--lie", "hang", "--from", "3"}, {});
  argv.front() =
      environment().at("PATH").substr(0, environment().at("PATH").find(':')) + "/twin-match";
  Words script{"bash", "-c", "exec \"$@\" > part.jsonl", "bash"};
  script.insert(script.end(), argv.begin(), argv.end());
  process::Child child({.argv = script, .folder = path(""), .environment = environment()});
  while (child.running() && (!exists("part.jsonl") || lines_of(get("part.jsonl"), "verdict") < 2))
    ::usleep(10000);
  ASSERT_TRUE(child.running());
  ::kill(child.pid(), SIGKILL);
  EXPECT_EQ(child.wait(process::Seconds(60)).status, 137);
  ASSERT_EQ(lines_of(get("part.jsonl"), "state"), 2);

  const auto rest = match({}, {"--resume", "part.jsonl"});
  EXPECT_EQ(rest.status, whole.status) << rest.error;
  EXPECT_EQ(verdicts_of(rest), verdicts_of(whole));
  EXPECT_EQ(own_states(rest), runs - 2);
  EXPECT_THAT(rest.error, HasSubstr("resumed with 2 simulations"));
  // What it wrote is whole: resumed again there is nothing left to simulate.
  put("whole.jsonl", rest.out);
  const auto again = match({"--lie", "die"}, {"--resume", "whole.jsonl"});
  EXPECT_EQ(again.status, whole.status) << again.error;
  EXPECT_EQ(verdicts_of(again), verdicts_of(whole));
  EXPECT_EQ(own_states(again), 0);
}

TEST_F(MatchResume, WhereverTheStreamWasCut) {
  begin(1);
  const auto whole = match({});
  for (std::size_t part = 1; part < 12; ++part) {
    const auto cut = whole.out.substr(0, whole.out.size() * part / 12);
    put("cut.jsonl", cut);
    const auto rest = match({}, {"--resume", "cut.jsonl"});
    EXPECT_EQ(rest.status, whole.status) << part << rest.error;
    EXPECT_EQ(verdicts_of(rest), verdicts_of(whole)) << part;
    const auto there = lines_of(cut.substr(0, cut.rfind('\n') + 1), "state");
    EXPECT_EQ(own_states(rest), static_cast<long>(all<record::State>(whole.out).size()) - there);
  }
  // Appended to itself as a shell does, and twice the same.
  put("cut.jsonl", whole.out.substr(0, whole.out.size() / 2));
  const auto rest = bash("twin-match --with measured.jsonl --model model.yaml --engine \"" +
                         engine({}) + "\" --resume cut.jsonl --resume cut.jsonl >> cut.jsonl");
  EXPECT_EQ(rest.status, whole.status) << rest.error;
}

TEST_F(MatchResume, OfAnotherModelIsRefused) {
  begin(1);
  put("whole.jsonl", match({}).out);
  const auto text = get("model.yaml");
  auto other = stream::read_model(path("model.yaml"));
  other.free.pop_back();
  put("model.yaml", stream::dump_yaml(stream::encode_model(other)));
  auto said = match({}, {"--resume", "whole.jsonl"});
  EXPECT_EQ(said.status, 65) << said.error;
  EXPECT_THAT(said.error, HasSubstr("whole.jsonl: its model has another free than model.yaml"));
  put("model.yaml", text);
  said = match({}, {"--resume", "whole.jsonl", "--potential", "spring"});
  EXPECT_EQ(said.status, 65) << said.error;
  EXPECT_THAT(said.error, HasSubstr("another potential"));
  EXPECT_EQ(match({}, {"--resume", "none.jsonl"}).status, 66);
  EXPECT_EQ(run({"twin-match", "--with", "measured.jsonl", "--resume", "whole.jsonl"}).status, 64);
}

// Tolerances and data may have changed since: what was simulated still counts.
TEST_F(MatchResume, UnderOtherTolerancesStillCounts) {
  begin(1);
  const auto whole = match({});
  put("whole.jsonl", whole.out);
  auto other = stream::read_model(path("model.yaml"));
  for (auto& [name, allowance] : other.tolerance) allowance.value *= 2;
  other.seed += 5;
  put("model.yaml", stream::dump_yaml(stream::encode_model(other)));
  const auto said = match({}, {"--resume", "whole.jsonl"});
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_LE(own_states(said), 1);  // flags are lost with the seed; one more confirmation at most
}

TEST_F(MatchResume, TheBudgetEndsItAndMoreOfItGoesOn) {
  begin(2);
  const auto whole = match({});
  const auto some = match({}, {"--budget", "2"});
  EXPECT_EQ(some.status, 3) << some.error;
  EXPECT_EQ(all<record::State>(some.out).size(), 2U);
  EXPECT_THAT(all<record::Verdict>(some.out).back().reason, HasSubstr("budget of 2 simulations"));
  put("some.jsonl", some.out);
  const auto rest = match({}, {"--resume", "some.jsonl"});
  EXPECT_EQ(rest.status, whole.status) << rest.error;
  EXPECT_EQ(verdicts_of(rest).back(), verdicts_of(whole).back());
}

TEST_F(MatchResume, TimeEndsItBeforeTheNextSimulation) {
  begin(1);
  const auto whole = match({});
  const auto none = match({}, {"--time", "1e-9", "--next", "next.yaml"});
  EXPECT_EQ(none.status, 3) << none.error;
  EXPECT_TRUE(all<record::State>(none.out).empty());
  const auto last = all<record::Verdict>(none.out).at(0);
  EXPECT_EQ(last.answer, record::Answer::inconclusive);
  EXPECT_THAT(last.reason, HasSubstr("s used after 0 simulations"));
  put("half.jsonl", whole.out.substr(0, whole.out.size() / 2));
  const auto kept = match({}, {"--time", "1e-9", "--resume", "half.jsonl", "--next", "next.yaml"});
  EXPECT_EQ(kept.status, 3) << kept.error;
  EXPECT_EQ(own_states(kept), 0);
  EXPECT_GE(stream::read_model(path("next.yaml")).history.size(), 1U);
}

}  // namespace

}  // namespace match_resume_test
