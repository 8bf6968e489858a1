// SPDX-License-Identifier: GPL-3.0-or-later
// twin-match with an engine that simulates no atoms: the bond, whose truth is known.
#include <gmock/gmock.h>

#include "bond_search.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace tools;

namespace match_engine_test {
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

struct BondSearch : bond_search::Search {};

TEST_F(BondSearch, IsDrivenToAMatchByTheStatesOwnQuantities) {
  int matches = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto problem = begin(seed);
    const auto said = match({});
    const auto verdicts = all<record::Verdict>(said.out);
    ASSERT_FALSE(verdicts.empty()) << said.error;
    const auto& last = verdicts.back();
    if (last.answer == record::Answer::match) {
      ++matches;
      EXPECT_EQ(said.status, 0);
      std::map<std::string, double> found;
      for (const auto& [name, quantity] : last.parameters) found[name] = *quantity.value;
      EXPECT_LT(bond::misfit(problem.measured, bond::parameters_of(found), bond_search::samples),
                2.2)
          << seed;
    }
    // No recipe, no results: each verdict is from the measured result and a state.
    EXPECT_TRUE(all<record::Result>(said.out).empty());
    const auto states = all<record::State>(said.out);
    ASSERT_EQ(states.size(), verdicts.size());
    EXPECT_EQ(last.header.from.at(1), states.back().header.id);
    EXPECT_EQ(all<record::End>(said.out).at(0).status, said.status);
  }
  EXPECT_GE(matches, 4);  // of draws that have a fit
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(BondSearch, OneStepTakesStatesThatNothingWasExtractedFrom) {
  begin(1);
  record::ModelRecord request;
  request.model = stream::read_model(path("model.yaml"));
  const auto answer = run({engine_path()}, line(request));
  ASSERT_EQ(all<record::State>(answer.out).size(), 1U) << answer.error;
  const auto said = run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"},
                        whole_stream(line(request) + answer.out, "bond_engine"));
  EXPECT_EQ(said.status, 1) << said.error;
  const auto next = stream::read_model(path("next.yaml"));
  EXPECT_EQ(next.history.size(), 1U);
  EXPECT_EQ(next.free.size(), 3U);
  EXPECT_TRUE(next.structure.none());
}

TEST_F(BondSearch, AModelWithoutAStructureIsNoneForTwinSimulate) {
  begin(1);
  const auto said = run({"twin-simulate", "model.yaml"});
  EXPECT_EQ(said.status, 78) << said.error;
  EXPECT_THAT(said.error, HasSubstr("structure"));
}

TEST_F(BondSearch, UnpairedMethodsUnitsAndMissingErrorsAreSaidAndNeverMatch) {
  for (const auto& [how, words] : std::vector<std::pair<std::string, std::string>>{
           {"unit", "r:Pb-I.1: measured in 'Å', simulated in 'nm'"},
           {"method", "r:Pb-I.1: measured by 'fit', simulated by 'guess'"},
           {"null", "r:Pb-I.1: not simulated"},
           {"no-sigma", "r:Pb-I.1: simulated without an uncertainty"}}) {
    begin(1);
    const auto said = match({"--lie", how});
    EXPECT_TRUE(said.status == 4 || said.status == 3) << how << said.status << said.error;
    const auto verdicts = all<record::Verdict>(said.out);
    ASSERT_FALSE(verdicts.empty()) << how;
    EXPECT_NE(verdicts.back().answer, record::Answer::match) << how;
    EXPECT_THAT(verdicts.back().unpaired, ::testing::Contains(HasSubstr(words))) << how;
    EXPECT_THAT(said.error, HasSubstr("not compared: " + words)) << how;
  }
}

TEST_F(BondSearch, AMeasurementThatNoErrorsHaveIsRefused) {
  auto problem = begin(1);
  auto wrong = problem.measured;
  wrong.covariance.matrix[1] = wrong.covariance.matrix[5] = 1.0;
  put("measured.jsonl", whole_stream(line(wrong)));
  auto said = match({});
  EXPECT_EQ(said.status, 65) << said.error;
  EXPECT_THAT(said.error, HasSubstr("not positive semidefinite"));
  wrong.covariance.matrix[0] = -0.04;
  put("measured.jsonl", whole_stream(line(wrong)));
  said = match({});
  EXPECT_EQ(said.status, 65) << said.error;
  EXPECT_THAT(said.error, HasSubstr("the variance of n:Pb-I.1 is negative"));
  // Nothing in common.
  record::Result other = problem.measured;
  other.quantities.clear();
  other.covariance = {};
  other.quantities["voltage"] = {3.1, 0.01, {}, "V", "meter", {}};
  put("measured.jsonl", whole_stream(line(other)));
  said = match({});
  EXPECT_EQ(said.status, 4) << said.error;
  EXPECT_THAT(said.error, HasSubstr("not compared: n:Pb-I.1: not measured"));
}

// What an engine must not do, and the word for it.
const std::vector<std::pair<std::string, std::string>> lies{
    {"nan", "its answer"},
    {"other-request", "answered request '4711', asked was '1'"},
    {"no-request", "answered no request, asked was '1'"},
    {"other-parameters", "ran at mu = 0.51; asked was"},
    {"other-potential", "ran spring; asked was bond"},
    {"covariance", "not positive semidefinite"},
    {"garbage", "its answer"},
    {"half", "ended without an answer"},
    {"die", "the pump stopped"},
    {"hang", "silent for 0.3 s"}};

TEST_F(BondSearch, AnEngineThatLiesTwiceIsGivenUpAndNothingIsLost) {
  begin(1);
  for (const auto& [how, words] : lies) {
    const auto said = match({"--lie", how}, {"--patience", "0.3"});
    EXPECT_EQ(said.status, 69) << how << said.error;
    EXPECT_THAT(said.error, HasSubstr(words)) << how;
    EXPECT_THAT(said.error, HasSubstr("asked once more")) << how;
    EXPECT_EQ(all<record::End>(said.out).at(0).status, 69) << how;
    const auto failures = all<record::Failure>(said.out);
    ASSERT_EQ(failures.size(), 1U) << how;
    EXPECT_EQ(failures[0].cause, 69) << how;
    EXPECT_THAT(failures[0].what, HasSubstr(words)) << how;
  }
  EXPECT_TRUE(left_behind().empty());
}

// Each process lies at its third request, which is then the first of the next one.
TEST_F(BondSearch, AnEngineThatLiesOnceIsStartedAnewAndTheSearchIsAsIfItHadNot) {
  begin(1);
  const auto honest = match({});
  for (const auto& [how, words] : lies) {
    if (how == "hang") continue;  // where only the one that hangs may take long: below
    const auto said = match({"--lie", how, "--from", "3"});
    EXPECT_EQ(said.status, honest.status) << how << said.error;
    EXPECT_THAT(said.error, HasSubstr("started anew")) << how;
    EXPECT_EQ(verdicts_of(said), verdicts_of(honest)) << how;
    EXPECT_TRUE(all<record::Failure>(said.out).empty()) << how;
  }
  const auto said = match({"--lie", "hang", "--once", path("hung")}, {"--patience", "10"});
  EXPECT_THAT(said.error, HasSubstr("silent for 10 s"));
  EXPECT_EQ(verdicts_of(said), verdicts_of(honest));
}

TEST_F(BondSearch, WhatWasSimulatedBeforeAnEngineFailedIsInTheNextModel) {
  begin(1);
  const auto honest = match({});
  // Its own word that it can't, with a status that would be a match: believed as a failure.
  const auto said = match({"--lie", "failure", "--from", "3"}, {"--next", "next.yaml"});
  EXPECT_EQ(said.status, 69) << said.error;
  EXPECT_THAT(said.error, HasSubstr("the well ran dry"));
  EXPECT_THAT(said.error, Not(HasSubstr("asked once more")));
  EXPECT_EQ(stream::read_model(path("next.yaml")).history.size(), 2U);
  const auto rest = run(
      {"twin-match", "--with", "measured.jsonl", "--model", "next.yaml", "--engine", engine({})});
  EXPECT_EQ(rest.status, honest.status) << rest.error;
  EXPECT_EQ(verdicts_of(rest).back(), verdicts_of(honest).back());
}

}  // namespace

}  // namespace match_engine_test
