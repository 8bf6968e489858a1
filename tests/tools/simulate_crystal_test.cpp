// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate on a crystal of several elements, from its CIF, at constant pressure.
#include <gmock/gmock.h>

#include <cmath>

#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_crystal_test {
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

/// 135 atoms of CsPbI3, too short for equilibrium.
std::string perovskite(const std::string& edge = "Pb L3") {
  return std::string("format: twin-model/1\nname: cspbi3\n") + "structure: {cif: " + source_dir() +
         "/share/structures/CsPbI3-cubic.cif, supercell: [3, 3, 3]}\n" +
         "potential: myp-cspbi3\n"
         "ensemble: {npt: {temperature: 634 K, coupling: aniso}}\n"
         "run: {replicas: 1, equilibrate: 300, produce: 600, sample_every: 20, timestep: 2 fs}\n"
         "absorption: {edge: " +
         edge + ", rmax: 4 Å, legs: 2, kmax: 14}\nmeasure_with: recipe.yaml\nseed: 1\n";
}

struct TwinSimulateCrystal : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
    put("model.yaml", perovskite());
  }
};

TEST_F(TwinSimulateCrystal, HasShellsOfEveryPairAndItsCell) {
  const auto said = run({"twin-simulate", "model.yaml"});
  EXPECT_LE(said.status, 1) << said.error;
  const auto states = all<record::State>(said.out);
  ASSERT_EQ(states.size(), 1U) << said.error;
  const auto value = [&](const std::string& name) { return *states[0].quantities.at(name).value; };
  // A thermal crystal, not a pinned one: within what 1.2 ps leave open.
  EXPECT_NEAR(value("a"), 6.29, 0.12);
  EXPECT_NE(value("a"), value("b"));
  EXPECT_NEAR(value("volume"), value("a") * value("b") * value("c"), 0.5);
  EXPECT_NEAR(value("r:Pb-I.1"), 3.18, 0.05);
  EXPECT_EQ(value("r:Pb-I.1"), value("r:I-Pb.1"));
  EXPECT_NEAR(value("n:Pb-I.1"), 6, 0.2);
  EXPECT_NEAR(value("n:I-Pb.1"), 2, 0.07);
  EXPECT_NEAR(value("n:Cs-I.1") / value("n:I-Cs.1"), 3, 1e-9);
  EXPECT_GT(value("sigma2:Pb-I.1"), 0.02);
  // Its density by hand: 720.8 u in the cell.
  EXPECT_NEAR(value("density"), 720.82 * 1.66053906660 / value("volume"), 0.01);
  EXPECT_THAT(states[0].warnings, Contains(HasSubstr("not a published force field")));
  EXPECT_EQ(states[0].parameters.count("a"), 0U);  // an answer here, not a parameter
  ASSERT_EQ(states[0].simulated.size(), 1U);
  EXPECT_EQ(states[0].simulated[0].edge, "Pb L3");
  // Three octahedra an axis hold no tilts that alternate: it says so, and angles and tilts are
  // there.
  EXPECT_NEAR(value("angle:Pb-I-Pb"), 165, 6);
  EXPECT_GT(value("tilt:b"), 1);
  EXPECT_EQ(states[0].quantities.count("tilt_in_phase:a"), 0U);
  EXPECT_EQ(states[0].quantities.count("phase:cubic"), 0U);
  EXPECT_THAT(states[0].warnings, Contains(HasSubstr("no phases: ")));
  // At constant pressure a is what the temperature does, not a parameter.
  EXPECT_EQ(states[0].jacobian.columns, std::vector<std::string>{"temperature"});
  EXPECT_TRUE(states[0].jacobian.at("a", "temperature"));
  EXPECT_GT(*states[0].jacobian.at("potential_energy", "temperature"), 0);  // a heat capacity
}

// The same run twice: what FEFF finds on its frames is the difference.
TEST_F(TwinSimulateCrystal, HasMultipleScatteringOfSampledFrames) {
  const auto chi = [&](const std::string& kind) {
    std::string text = perovskite();
    const std::string asked = "rmax: 4 Å, legs: 2";
    text.replace(text.find(asked), asked.size(),
                 "rmax: 6.4 Å, legs: 3, multiple_scattering: " + kind);
    put("model.yaml", text);
    const auto said = run({"twin-simulate", "model.yaml"});
    const auto states = all<record::State>(said.out);
    EXPECT_EQ(states.size(), 1U) << said.error;
    return states.empty() ? record::Measurement{} : states[0].simulated.at(0);
  };
  const auto single = chi("none"), sampled = chi("sampled-frames");
  EXPECT_THAT(sampled.warnings, Contains(HasSubstr("FEFF on 15 absorbers of as many frames")));
  const auto& one = single.arrays.at("chi").data;
  const auto& other = sampled.arrays.at("chi").data;
  ASSERT_EQ(one.size(), other.size());
  double all = 0, apart = 0;
  for (std::size_t i = 60; i < one.size(); ++i) {  // k from 3
    all += one[i] * one[i];
    apart += (one[i] - other[i]) * (one[i] - other[i]);
  }
  EXPECT_GT(std::sqrt(apart / all), 0.005);  // the row Pb-I-Pb
  EXPECT_LT(std::sqrt(apart / all), 0.5);
}

/// A short run of what a CIF of share/structures has, without a spectrum.
std::string phase_model(const std::string& cif, const std::string& cells, const std::string& rest) {
  return std::string("format: twin-model/1\nname: phase\nstructure: {cif: ") + source_dir() +
         "/share/structures/" + cif + ", supercell: " + cells +
         "}\npotential: myp-cspbi3\nseed: 3\n" + rest +
         "run: {replicas: 2, equilibrate: 300, produce: 800, sample_every: 10, timestep: 2 fs}\n";
}

TEST_F(TwinSimulateCrystal, HasTiltsPhasesAndDistributions) {
  put("cubic.yaml", phase_model("CsPbI3-cubic.cif", "[2, 2, 2]",
                                "ensemble: {npt: {temperature: 634 K, coupling: aniso}}\n"));
  const auto states = all<record::State>(run({"twin-simulate", "cubic.yaml"}).out);
  ASSERT_EQ(states.size(), 1U);
  const auto& found = states[0].quantities;
  double phases = 0;
  for (const char* phase : {"cubic", "tetragonal", "orthorhombic", "other", "delta"})
    phases += *found.at(std::string("phase:") + phase).value;
  EXPECT_NEAR(phases, 1, 1e-12);
  EXPECT_EQ(*found.at("phase:delta").value, 0);
  for (const char* axis : {"a", "b", "c"}) {
    EXPECT_GT(*found.at(std::string("tilt:") + axis).value, 2);
    EXPECT_EQ(found.at(std::string("tilt:") + axis).unit, "deg");
    EXPECT_GT(*found.at(std::string("tilt_out_of_phase:") + axis).sigma, 0);
  }
  EXPECT_NEAR(*found.at("angle:I-Pb-I").value, 90, 0.3);
  EXPECT_EQ(found.at("diffusion:I").unit, "Å²/ps");
  // Six I around a Pb, by g(r) up to where it is lowest: about 4.2 Å.
  const auto& r = states[0].arrays.at("r");
  const auto& g = states[0].arrays.at("rdf:Pb-I");
  ASSERT_EQ(r.data.size(), g.data.size());
  EXPECT_EQ(states[0].arrays.at("delta_rdf:Pb-I").data.size(), g.data.size());
  double n = 0;
  const double density = 3 / *found.at("volume").value;
  for (std::size_t i = 0; i < g.data.size() && r.data[i] < 4.4; ++i)
    n += 4 * 3.14159265 * density * r.data[i] * r.data[i] * 0.05 * g.data[i];
  EXPECT_NEAR(n, 6, 0.2);
  EXPECT_EQ(states[0].arrays.at("lag").unit, "ps");
  EXPECT_GT(states[0].arrays.at("msd:Cs").data.back(), 0.1);
}

TEST_F(TwinSimulateCrystal, KnowsDeltaByItsEdges) {
  put("delta.yaml",
      phase_model("CsPbI3-delta.cif", "[2, 4, 1]", "ensemble: {nvt: {temperature: 293 K}}\n"));
  const auto states = all<record::State>(run({"twin-simulate", "delta.yaml"}).out);
  ASSERT_EQ(states.size(), 1U);
  const auto& found = states[0].quantities;
  EXPECT_EQ(*found.at("phase:delta").value, 1);
  EXPECT_EQ(*found.at("phase:cubic").value, 0);
  EXPECT_EQ(found.count("tilt:a"), 0U);
  EXPECT_NEAR(*found.at("angle:Pb-I-Pb").value, 96, 8);   // 92 as measured; of edges in any case
  EXPECT_NEAR(*found.at("density").value, 5.393, 0.003);  // as the refinement has it
}

TEST_F(TwinSimulateCrystal, ItsModelRecordNeedsNoFile) {
  const auto said = run({"twin-simulate", "model.yaml"});
  auto models = all<record::ModelRecord>(said.out);
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].model.structure.sites.size(), 5U);
  models[0].model.structure.cif = "/nowhere/else.cif";
  put("again.jsonl", line(models[0]));
  const auto again = run({"twin-simulate", "again.jsonl"});
  const auto first = all<record::State>(said.out), second = all<record::State>(again.out);
  ASSERT_EQ(second.size(), 1U) << again.error;
  EXPECT_EQ(first[0].quantities.at("r:Pb-I.1").value, second[0].quantities.at("r:Pb-I.1").value);
  models[0].model.structure.sites.clear();
  put("again.jsonl", line(models[0]));
  EXPECT_THAT(run({"twin-simulate", "again.jsonl"}).error, HasSubstr("may name a CIF"));
}

TEST_F(TwinSimulateCrystal, IsSeenFromEitherElement) {
  put("iodine.yaml", perovskite("I L3"));
  const auto said = run({"twin-simulate", "iodine.yaml"});
  const auto states = all<record::State>(said.out);
  ASSERT_EQ(states.size(), 1U) << said.error;
  ASSERT_EQ(states[0].simulated.size(), 1U);
  EXPECT_EQ(states[0].simulated[0].edge, "I L3");
  put("bromine.yaml", perovskite("Br K"));
  const auto refused = run({"twin-simulate", "bromine.yaml"});
  EXPECT_EQ(refused.status, 78);
  EXPECT_THAT(refused.error, HasSubstr("the structure has no Br"));
}

TEST_F(TwinSimulateCrystal, RefusesWhatThePotentialDoesNotCover) {
  std::string text = perovskite();
  text.replace(text.find("myp-cspbi3"), 10, "Cu_zhou");
  put("wrong.yaml", text);
  const auto said = run({"twin-simulate", "wrong.yaml"});
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("is of Cu, the structure has"));
}

}  // namespace

}  // namespace simulate_crystal_test
