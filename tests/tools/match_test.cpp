// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <csignal>

#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "stream/documents.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace match_test {
using ::testing::HasSubstr;

namespace {

// Measured results and digital ones by hand: r and σ² of a crystal with lattice parameter a.
record::Result found(record::Origin origin, double a, double sigma2, double error) {
  record::Result out;
  out.origin = origin;
  out.technique = "xas";
  out.edge = "Cu K";
  out.recipe_sha256 = std::string(64, 'a');
  out.recipe_name = "recipe";
  out.context.scan = "foil";
  out.context.environment["temperature"] = {295.0, 3.0, {}, "K", "stated", {}};
  out.quantities["r:Cu-Cu.1"] = {a / std::sqrt(2.0), error, error / 2, "Å", "exafs-fit", {}};
  out.quantities["sigma2:Cu-Cu.1"] = {sigma2, 0.0002, 0.0001, "Å²", "exafs-fit", {}};
  out.quantities["n:Cu-Cu.1"] = {12.0, 0.2, 0.2, "", "exafs-fit", {}};
  return out;
}

struct TwinMatch : Tools {
  void SetUp() override {
    put("recipe.yaml", recipe());
    put("model.yaml", model());
    put("measured.jsonl",
        whole_stream(line(found(record::Origin::physical, 3.615, 0.0085, 0.002))));
  }

  // The stream of twin-simulate through twin-extract, with \p history behind the model.
  std::string simulated(double a, double sigma2, std::vector<record::Evaluation> history = {},
                        std::int64_t seed = 1) {
    record::ModelRecord m;
    m.model = stream::read_model(path("model.yaml"));
    m.model.free.front().value = a;
    m.model.structure.a = a;
    m.model.history = std::move(history);
    m.model.seed = seed;
    const auto model_line = line(m);
    record::State s;
    s.model = all<record::ModelRecord>(model_line).at(0).header.id;
    s.potential = "Cu_zhou";
    s.how = "run";
    s.equilibrated = true;
    s.n_eff = 100;
    s.seed = seed;
    auto digital = found(record::Origin::digital, a, sigma2, 0.0005);
    digital.jacobian = {{"r:Cu-Cu.1", "sigma2:Cu-Cu.1", "n:Cu-Cu.1"}, {"a"}, {0.7071, 0.02, 0.0}};
    return whole_stream(model_line + line(s) + line(digital), "twin-simulate");
  }

  record::Verdict verdict(const Said& said) { return all<record::Verdict>(said.out).at(0); }
};

TEST_F(TwinMatch, OneStepWritesTheNextModelNumberedAndUnnumbered) {
  const auto said = run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"},
                        simulated(3.69, 0.009));
  EXPECT_EQ(said.status, 1) << said.error;
  EXPECT_EQ(get("next.yaml"), get("next-1.yaml"));
  const auto next = stream::read_model(path("next.yaml"));
  // One Gauss-Newton step of a linear problem, held back by the trust region: closer, not beyond.
  EXPECT_LT(next.free.front().value, 3.69);
  EXPECT_GT(next.free.front().value, 3.60);
  EXPECT_EQ(next.history.size(), 1U);
  EXPECT_EQ(next.written_by, "twin-match");
  EXPECT_THAT(verdict(said).next, HasSubstr("next-1.yaml"));
  EXPECT_THAT(said.error, HasSubstr("χ²"));
  // A file of its own is replaced.
  EXPECT_EQ(
      run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"}, simulated(3.65, 0.009))
          .status,
      1);
  EXPECT_EQ(get("next.yaml"), get("next-2.yaml"));
}

TEST_F(TwinMatch, TheUsersOwnFileIsNeverOverwritten) {
  const auto before = get("model.yaml");
  const auto said = run({"twin-match", "--with", "measured.jsonl", "--next", "model.yaml"},
                        simulated(3.69, 0.009));
  EXPECT_EQ(said.status, 73);
  EXPECT_EQ(get("model.yaml"), before);
  EXPECT_THAT(said.error, HasSubstr("did not write this file"));
}

TEST_F(TwinMatch, FollowingItsOwnModelsEndsInAMatch) {
  std::vector<record::Evaluation> history;
  double a = 3.69;
  std::int64_t seed = 1;
  int status = 1, runs = 0;
  while (status == 1 && runs < 8) {
    ++runs;
    const auto said = run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"},
                          simulated(a, 0.0085, history, seed));
    status = said.status;
    if (status != 1) break;
    const auto next = stream::read_model(path("next.yaml"));
    history = next.history;
    a = next.free.front().value;
    seed = next.seed;
  }
  EXPECT_EQ(status, 0);
  EXPECT_LE(runs, 6);
  EXPECT_NEAR(a, 3.615, 0.004);
}

TEST_F(TwinMatch, AModelThatCannotMatchStops) {
  std::vector<record::Evaluation> history;
  double a = 3.615;
  std::int64_t seed = 1;
  int status = 1;
  for (int runs = 0; status == 1 && runs < 10; ++runs) {
    // Twice the measured motion, whatever the lattice.
    const auto said = run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"},
                          simulated(a, 0.0170, history, seed));
    status = said.status;
    if (status != 1) {
      EXPECT_EQ(verdict(said).answer, record::Answer::no_match);
      break;
    }
    const auto next = stream::read_model(path("next.yaml"));
    history = next.history;
    a = next.free.front().value;
    seed = next.seed;
  }
  EXPECT_EQ(status, 3);
}

TEST_F(TwinMatch, LargeErrorsNeverGiveAMatch) {
  put("measured.jsonl", whole_stream(line(found(record::Origin::physical, 3.615, 0.0085, 0.3))));
  std::vector<record::Evaluation> history;
  double a = 3.615;
  std::int64_t seed = 1;
  int status = 1;
  for (int runs = 0; status == 1 && runs < 10; ++runs) {
    const auto said = run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"},
                          simulated(a, 0.0085, history, seed));
    status = said.status;
    EXPECT_EQ(verdict(said).answer, record::Answer::inconclusive);
    if (status != 1) break;
    const auto next = stream::read_model(path("next.yaml"));
    history = next.history;
    a = next.free.front().value;
    seed = next.seed;
  }
  EXPECT_EQ(status, 4);
}

TEST_F(TwinMatch, RefusesWhatItCannotCompare) {
  EXPECT_EQ(run({"twin-match"}, simulated(3.6, 0.0085)).status, 64);
  EXPECT_EQ(run({"twin-match", "--with", "none.jsonl"}, simulated(3.6, 0.0085)).status, 66);
  EXPECT_EQ(run({"twin-match", "--with", "measured.jsonl"}, whole_stream("")).status, 65);
  const auto other =
      run({"twin-match", "--with", "measured.jsonl", "--scan", "zinc"}, simulated(3.6, 0.0085));
  EXPECT_EQ(other.status, 65);
  EXPECT_THAT(other.error, HasSubstr("foil by recipe"));
  EXPECT_EQ(run({"twin-match", "--with", "measured.jsonl", "--engine", "x"}).status, 64);
}

struct TwinMatchEngine : TwinMatch {
  void SetUp() override {
    SKIP_WITHOUT("feff6l");
    SKIP_WITHOUT("python3");
    TwinMatch::SetUp();
  }

  // A measurement of the reference engine's own crystal, through the whole chain.
  void measure(double a) {
    record::ModelRecord request;
    request.model = stream::read_model(path("model.yaml"));
    request.model.free.front().value = a;
    request.header.request = "1";
    const auto answer = run({"python3", engine(), "--seed", "99"}, line(request));
    auto state = all<record::State>(answer.out).at(0);
    state.header = {};
    const auto said = run({"twin-extract", "--recipe", "recipe.yaml"}, whole_stream(line(state)));
    auto result = all<record::Result>(said.out).at(0);
    result.origin = record::Origin::physical;
    result.context.scan = "foil";
    put("measured.jsonl", whole_stream(line(result)));
  }

  static std::string engine() { return source_dir() + "/tests/tools/reference_engine.py"; }

  Said match_with(const std::string& command) {
    return run({"twin-match", "--with", "measured.jsonl", "--model", "model.yaml", "--engine",
                command, "--next", "found.yaml"});
  }
};

TEST_F(TwinMatchEngine, AnyEngineBehindTheProtocolIsDrivenToAMatch) {
  measure(3.60);
  const auto said = match_with("python3 " + engine());
  EXPECT_EQ(said.status, 0) << said.error;
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_FALSE(verdicts.empty());
  EXPECT_EQ(verdicts.back().answer, record::Answer::match);
  EXPECT_NEAR(stream::read_model(path("found.yaml")).free.front().value, 3.60, 0.004);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(TwinMatchEngine, StructuresAreEnumeratedAndTheVerdictNamesOne) {
  measure(3.60);
  // Eight neighbours at the measured distance, or twelve a little too far away.
  auto text = model();
  const auto swap = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  swap("fcc, element: Cu, a: 3.63 Å", "bcc, element: Cu, a: 2.94 Å");
  swap("potential:",
       "alternatives: [{name: closepacked, lattice: fcc, element: Cu, a: 3.63 Å}]\npotential:");
  swap("a: {start: 3.63 Å, bounds: [3.5 Å, 3.8 Å]}", "strain: {bounds: [-0.03, 0.03]}");
  swap("n:Cu-Cu.1: 2", "n:Cu-Cu.1: 1.5");
  put("model.yaml", text);
  const auto said = match_with("python3 " + engine());
  EXPECT_EQ(said.status, 0) << said.error;
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_FALSE(verdicts.empty());
  const auto& last = verdicts.back();
  EXPECT_EQ(last.alternative, "closepacked:Cu_zhou");
  EXPECT_EQ(last.answer, record::Answer::match);
  ASSERT_EQ(last.standings.size(), 2U);
  EXPECT_EQ(last.standings[0].alternative, "Cu_zhou");
  EXPECT_LT(last.standings[0].log_odds, -5);
  EXPECT_EQ(last.standings[1].log_odds, 0);
  EXPECT_NEAR(*last.parameters.at("strain").value, 3.60 / 3.63 - 1, 0.001);
  EXPECT_THAT(said.error, HasSubstr("closepacked:Cu_zhou"));
  // What it wrote goes on where it is: the alternative is in the file.
  const auto found = stream::read_model(path("found.yaml"));
  EXPECT_EQ(found.alternative, "closepacked");
  EXPECT_EQ(found.alternatives.at(0).structure.lattice, "fcc");
}

TEST_F(TwinMatchEngine, AnEngineThatDiesOrTalksNonsenseIs69WithItsLastLines) {
  measure(3.60);
  for (const auto& [mode, words] : std::vector<std::pair<std::string, std::string>>{
           {"die", "the pump stopped"}, {"garbage", "expected"}, {"fail", "no such potential"}}) {
    const auto said = match_with("python3 " + engine() + " --" + mode);
    EXPECT_EQ(said.status, 69) << mode << said.error;
    EXPECT_THAT(said.error, HasSubstr(words)) << mode;
    EXPECT_EQ(all<record::End>(said.out).at(0).status, 69) << mode;
  }
  EXPECT_EQ(match_with("no-such-engine-at-all").status, 69);
  EXPECT_EQ(match_with("python3 'unclosed").status, 64);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(TwinMatchEngine, ASilentEngineIsGivenUpWithTheRest) {
  measure(3.60);
  process::Child child({.argv = {tools_dir() + "/twin-match", "--with", "measured.jsonl", "--model",
                                 "model.yaml", "--engine", "sh -c 'touch asked; sleep 1000'"},
                        .folder = path(""),
                        .environment = environment()});
  while (!exists("asked") && child.running()) ::usleep(10000);
  ::kill(child.pid(), SIGTERM);
  const auto ending = child.wait(process::Seconds(15));
  EXPECT_FALSE(ending.timed_out);
  EXPECT_EQ(ending.status, 143);
  EXPECT_TRUE(left_behind().empty());
}

}  // namespace

}  // namespace match_test
