// SPDX-License-Identifier: GPL-3.0-or-later
// twin-match among structures, each of them really run, by twin-simulate behind it.
#include <gmock/gmock.h>

#include "process/child.h"
#include "stream/documents.h"
#include "tool.h"

using namespace twin;
using namespace tools;
using ::testing::HasSubstr;

namespace {

const std::string share = std::string(TWINLINE_SOURCE) + "/share/structures/CsPbI3-";

struct TwinMatchStructures : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
    put("recipe.yaml",
        "format: twin-recipe/1\ntechnique: xas\nedge: Pb L3\ncolumns: {energy: energy, mu: mu}\n"
        "reduce: {e0: 13035, pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 2}\n"
        "autobk: {rbkg: 1.3, kweight: 2}\n"
        "fit: {space: r, kmin: 3, kmax: 11, dk: 1, kweights: [2], rmin: 1.7, rmax: 3.4}\n"
        "paths: [{name: Pb-I.1, n: {value: 6}, r: {value: 3.15 Å, free: true}, "
        "sigma2: {value: 0.03 Å², free: true}, e0: {value: 0}}]\n"
        "feff: {structure: '" +
            share + "cubic.cif', rmax: 4, legs: 2, amplitude_sys: 2 %}\n");
  }

  /// The cubic phase, and where \p alternative is "delta" that one to run.
  static std::string model(const std::string& alternative, int seed) {
    return "format: twin-model/1\nname: phases\nstructure: {cif: '" + share +
           "cubic.cif', supercell: [2, 2, 2]}\nalternatives: [{name: delta, cif: '" + share +
           "delta.cif', supercell: [1, 2, 1]}]\n" +
           (alternative.empty() ? "" : "alternative: " + alternative + "\n") +
           "potential: {any_of: [myp-cspbi3]}\nensemble: {nvt: {temperature: 634 K}}\n"
           "run: {replicas: 2, equilibrate: 2000, produce: 10000, sample_every: 20, timestep: 2 "
           "fs, "
           "friction: 0.5 ps}\n"
           "absorption: {edge: Pb L3, rmax: 4 Å, legs: 2, kmax: 13}\n"
           "hold_back: [r:Pb-I.1, sigma2:Pb-I.1]\n"
           "tolerance: {r:Pb-I.1: 0.04 Å, sigma2:Pb-I.1: 40 %}\n"
           "measure_with: recipe.yaml\nbudget: 4\nseed: " +
           std::to_string(seed) + "\n";
  }
};

TEST_F(TwinMatchStructures, DeltaIsToldFromCubicByOdds) {
  // What is measured is delta's own spectrum, of a run with another seed.
  put("truth.yaml", model("delta", 77));
  const auto truth = bash("twin-simulate truth.yaml | twin-extract --recipe recipe.yaml");
  const auto states = all<record::State>(truth.out);
  auto results = all<record::Result>(truth.out);
  ASSERT_EQ(states.size(), 1U) << truth.error;
  ASSERT_EQ(results.size(), 1U) << truth.error;
  EXPECT_EQ(*states[0].quantities.at("phase:delta").value, 1);
  results[0].origin = record::Origin::physical;
  results[0].header = {};
  results[0].context.scan = "yellow";
  put("measured.jsonl", whole_stream(line(results[0])));
  put("model.yaml", model("", 1));
  const auto said = run({"twin-match", "--with", "measured.jsonl", "--model", "model.yaml",
                         "--engine", "twin-simulate --serve", "--next", "found.yaml"});
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_FALSE(verdicts.empty()) << said.error;
  const auto& last = verdicts.back();
  EXPECT_EQ(last.alternative, "delta:myp-cspbi3") << said.error;
  ASSERT_EQ(last.standings.size(), 2U);
  EXPECT_EQ(last.standings[0].alternative, "myp-cspbi3");
  EXPECT_EQ(last.standings[1].alternative, "delta:myp-cspbi3");
  EXPECT_EQ(last.standings[1].log_odds, 0);
  EXPECT_LT(last.standings[0].log_odds, -2);
  EXPECT_EQ(last.standings[0].answer, record::Answer::no_match);
  EXPECT_THAT(said.error, HasSubstr("ln odds"));
  EXPECT_EQ(last.answer, record::Answer::match) << said.error;
  EXPECT_EQ(said.status, 0);
}

}  // namespace
