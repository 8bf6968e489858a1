// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <map>
#include <random>

#include "core/text.h"
#include "process/child.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace match_follow_test {
namespace {

using record::Answer;
using ::testing::HasSubstr;

// Copper whose lattice swells between two scans, measured by a twin of it with other seeds.
struct TwinMatchFollow : Tools {
  static std::string model(double a, double temperature, const std::string& more,
                           bool measured = false) {
    return "format: twin-model/1\nname: copper\nstructure: {lattice: fcc, element: Cu, a: " +
           shortest(a) +
           " Å, supercell: [3, 3, 3]}\npotential: Cu_mishin1\nensemble: {nvt: {temperature: " +
           (measured ? "{from: measurement, value: 300 K, sigma: 2 K}"
                     : shortest(temperature) + " K") +
           "}}\nrun: {replicas: 2, equilibrate: 1000, produce: 3000, sample_every: 10, timestep: 4 "
           "fs, friction: 0.2 ps}\nabsorption: {edge: Cu K, rmax: 3 Å, legs: 2, kmax: 18, "
           "reference_a: 3.61 Å}\n" +
           more;
  }

  void SetUp() override {
    put("recipe.yaml",
        "format: twin-recipe/1\ntechnique: xas\nedge: Cu K\ncolumns: {energy: energy, mu: xmu}\n"
        "reduce: {pre1: -150, pre2: -30, norm1: 150, norm2: 1150, nnorm: 2}\n"
        "autobk: {rbkg: 1.0, kweight: 2}\n"
        "fit: {space: r, kmin: 3, kmax: 14, dk: 1, kweights: [2], window: hanning, rmin: 1.4, "
        "rmax: 2.8}\n"
        "paths:\n  - {name: Cu-Cu.1, n: {value: 12, free: true}, r: {free: true}, sigma2: {free: "
        "true}, e0: {free: true}}\n"
        "standard: {s02: 1.0, s02_sigma: 0.02}\n"
        "feff: {lattice: fcc, element: Cu, a: 3.61 Å, rmax: 3.0, legs: 2, amplitude_sys: 2 %}\n");
    put("model.yaml",
        model(3.615, 300,
              "free:\n  a: {start: 3.615 Å, bounds: [3.5 Å, 3.8 Å]}\n"
              "fit_to: [r:Cu-Cu.1, sigma2:Cu-Cu.1]\nhold_back: [n:Cu-Cu.1]\n"
              "tolerance: {r:Cu-Cu.1: 0.02 Å, sigma2:Cu-Cu.1: 25 %, n:Cu-Cu.1: 2}\n"
              "discrepancy: {r:Cu-Cu.1: 0.002 Å}\nmeasure_with: recipe.yaml\nseed: 1\n",
              true));
  }

  // The results of scans of the lattices, at 300 K and two more each, with errors of an experiment.
  std::vector<std::string> measured(const std::vector<double>& lattices) {
    std::vector<std::string> lines, argv{"twin-simulate", "--quiet"};
    for (std::size_t i = 0; i < lattices.size(); ++i) {
      const std::string name = "scan" + std::to_string(i) + ".yaml";
      put(name, model(lattices[i], 300 + 2.0 * static_cast<double>(i),
                      "seed: " + std::to_string(70 + i) + "\n"));
      argv.push_back(name);
    }
    const auto states = run(argv);
    EXPECT_LE(states.status, 1) << states.error;
    const auto reduced = run({"twin-extract", "--recipe", "recipe.yaml"}, states.out);
    EXPECT_EQ(reduced.status, 0) << reduced.error;
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal;
    for (auto result : all<record::Result>(reduced.out)) {
      result.header = {};
      result.origin = record::Origin::physical;
      result.jacobian = {};
      result.covariance = {};
      const std::map<std::string, double> errors{
          {"r:Cu-Cu.1", 0.003}, {"sigma2:Cu-Cu.1", 4e-4}, {"n:Cu-Cu.1", 0.4}};
      for (const auto& [name, sigma] : errors) {
        auto& q = result.quantities.at(name);
        q.sigma = sigma;
        q.value = *q.value + 0.5 * sigma * normal(random);
      }
      const std::size_t i = lines.size();
      result.context.scan = "scan" + std::to_string(i);
      result.context.environment["temperature"] = {
          300 + 2.0 * static_cast<double>(i), 1.0, {}, "K", "stated", {}};
      lines.push_back(line(result));
    }
    EXPECT_EQ(lines.size(), lattices.size());
    return lines;
  }

  static std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& one : lines) out += one;
    return whole_stream(out, "twin-extract");
  }

  static inline const std::vector<std::string> follow{
      "twin-match", "--follow", "--model", "model.yaml", "--engine", "twin-simulate --serve"};

  Said followed(const std::vector<std::string>& more, const std::string& input = "") {
    auto argv = follow;
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv, input);
  }
};

TEST_F(TwinMatchFollow, ExpectsComparesAndSearchesAnewWhereTheSampleMoved) {
  put("results.jsonl", joined(measured({3.615, 3.6152, 3.6154, 3.645, 3.6452})));
  const auto said = followed({"results.jsonl"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_EQ(verdicts.size(), 5U) << said.error;
  int matches = 0;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i].scan, "scan" + std::to_string(i));
    EXPECT_NE(verdicts[i].answer, Answer::no_match) << verdicts[i].reason;
    EXPECT_GT(verdicts[i].lag_seconds, 0);
    matches += verdicts[i].answer == Answer::match;
  }
  EXPECT_GE(matches, 3) << said.error;
  // It was there before the search, and says where it moved to.
  const auto events = all<record::Event>(said.out);
  ASSERT_GE(events.size(), 1U);
  EXPECT_EQ(events.back().what, "model-moved");
  EXPECT_EQ(events.back().header.from.front(), verdicts[3].header.from.front());
  EXPECT_NEAR(verdicts[3].parameters.at("a").value.value(), 3.645, 0.01);
  EXPECT_EQ(verdicts[4].run, 1);  // expected again
  EXPECT_THAT(said.error, HasSubstr("5 results, 5 verdicts"));
}

TEST_F(TwinMatchFollow, TurnsToTheAlternativeThatFits) {
  put("model.yaml",
      model(
          3.615, 300,
          "alternatives:\n  - {name: swollen, lattice: fcc, element: Cu, a: 3.70 Å, supercell: [3, "
          "3, 3]}\nfree:\n  strain: {start: 0, bounds: [-0.02, 0.02], prior: {mean: 0, sigma: "
          "0.002}}\nfit_to: [r:Cu-Cu.1, sigma2:Cu-Cu.1]\nhold_back: [n:Cu-Cu.1]\n"
          "tolerance: {r:Cu-Cu.1: 0.02 Å, sigma2:Cu-Cu.1: 25 %, n:Cu-Cu.1: 2}\n"
          "discrepancy: {r:Cu-Cu.1: 0.002 Å}\nmeasure_with: recipe.yaml\nseed: 1\n",
          true));
  put("results.jsonl", joined(measured({3.615, 3.6155, 3.70, 3.7005})));
  const auto said = followed({"results.jsonl"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_EQ(verdicts.size(), 4U) << said.error;
  std::vector<bool> swollen;
  for (const auto& verdict : verdicts) {
    swollen.push_back(verdict.alternative.starts_with("swollen"));
    EXPECT_NE(verdict.answer, Answer::no_match) << verdict.reason;
  }
  EXPECT_EQ(swollen, (std::vector<bool>{false, false, true, true}));
  const auto events = all<record::Event>(said.out);
  ASSERT_EQ(events.size(), 1U) << said.error;
  EXPECT_EQ(events[0].what, "alternative-changed");
  EXPECT_EQ(events[0].header.from.front(), verdicts[2].header.from.front());
  EXPECT_EQ(verdicts[3].run, 1);  // expected again
}

TEST_F(TwinMatchFollow, PassesEachResultOnAtOnceAndSaysWhatItHadNoTimeFor) {
  const auto lines = measured({3.615, 3.615, 3.615, 3.615});
  const auto said = followed({}, joined(lines));
  EXPECT_EQ(said.status, 0) << said.error;
  std::vector<std::string> scans;
  for (const auto& result : all<record::Result>(said.out))
    if (result.origin == record::Origin::physical) scans.push_back(result.context.scan);
  EXPECT_EQ(scans, (std::vector<std::string>{"scan0", "scan1", "scan2", "scan3"}));
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_FALSE(verdicts.empty());
  EXPECT_EQ(verdicts.back().scan, "scan3");  // the newest is never left out
  std::int64_t passed_by = 0;
  for (const auto& gap : all<record::Gap>(said.out)) passed_by += gap.count;
  EXPECT_EQ(passed_by + static_cast<std::int64_t>(verdicts.size()), 4);
}

TEST_F(TwinMatchFollow, AnEngineThatDiesIsStartedAgain) {
  put("dies",
      "#!/bin/sh\nif [ -e twice ]; then exec twin-simulate --serve; fi\n"
      "if [ -e once ]; then touch twice; fi\ntouch once\nexit 3\n");
  ::chmod(path("dies").c_str(), 0755);
  put("results.jsonl", joined(measured({3.615, 3.615})));
  const auto said = run(
      {"twin-match", "--follow", "--model", "model.yaml", "--engine", "./dies", "results.jsonl"});
  EXPECT_EQ(said.status, 2) << said.error;
  const auto failures = all<record::Failure>(said.out);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].source, "scan0");
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].scan, "scan1");
}

TEST_F(TwinMatchFollow, ASignalEndsItInTheMiddleOfAFile) {
  const auto one = measured({3.615}).front();
  put("results.jsonl", joined({one, one, one, one, one, one}));

  const auto said = run(
      {"bash", "-c",
       "twin-match --follow --model model.yaml --engine 'twin-simulate --serve' results.jsonl > "
       "out & pid=$!; until grep -q verdict out; do sleep 0.05; done; kill $pid; "
       "wait $pid; status=$?; exit $status"});
  EXPECT_EQ(said.status, 143) << said.error;
  const auto out = get("out");
  EXPECT_THAT(out, HasSubstr("\"kind\":\"end\""));
}

TEST_F(TwinMatchFollow, IsNotLedByAFitThatDidNotConverge) {
  const auto lines = measured({3.615, 3.615, 3.615});
  auto broken = all<record::Result>(lines[1]).at(0);
  broken.converged = false;
  broken.quantities.at("r:Cu-Cu.1").value = 2.7;
  broken.header = {};
  put("results.jsonl", joined({lines[0], line(broken), lines[2]}));
  const auto said = followed({"results.jsonl"});
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_EQ(verdicts.size(), 3U) << said.error;
  EXPECT_NE(verdicts[1].answer, Answer::match);
  EXPECT_NE(verdicts[2].answer, Answer::no_match) << verdicts[2].reason;
  EXPECT_EQ(verdicts[2].run, 1);  // expected, not searched
}

TEST_F(TwinMatchFollow, RefusesWhatItCanNotFollow) {
  EXPECT_EQ(run({"twin-match", "--follow"}, "").status, 64);
  EXPECT_EQ(followed({"--next", "next.yaml"}).status, 64);
  const auto nothing = followed({}, whole_stream("", "twin-extract"));
  EXPECT_EQ(nothing.status, 65);
  EXPECT_THAT(nothing.error, HasSubstr("no physical result"));
  record::Result other;
  other.recipe_sha256 = std::string(64, 'b');
  other.context.scan = "other";
  other.quantities["r:Cu-Cu.1"] = {2.55, 0.01, {}, "Å", "exafs-fit", {}};
  const auto foreign = followed({}, whole_stream(line(other), "twin-extract"));
  EXPECT_EQ(foreign.status, 65);
  EXPECT_THAT(foreign.error, HasSubstr("other recipes"));
}

}  // namespace
}  // namespace match_follow_test
