// SPDX-License-Identifier: GPL-3.0-or-later
// Mixed crystals through the tools: Cu-Ni run by LAMMPS, Cu-Au by FEFF alone.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "process/child.h"
#include "scans.h"
#include "stream/documents.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_mixed_test {
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

/// A crystal of 108 atoms at a and ensemble; Ni on \p fraction of its sites.
std::string copper_nickel(double fraction, const std::string& rest = "",
                          const std::string& ensemble = "nvt: {temperature: 300 K}") {
  return "format: twin-model/1\nname: alloy\nstructure: {lattice: fcc, element: Cu, a: 3.58 Å, "
         "supercell: [3, 3, 3], substitutions: {Cu: {by: Ni, fraction: " +
         shortest(fraction) + "}}}\npotential: CuNi\nensemble: {" + ensemble +
         "}\nrun: {replicas: 1, equilibrate: 200, produce: 400, sample_every: 10, timestep: 4 "
         "fs}\nseed: 1\n" +
         rest;
}

struct Mixed : Tools {
  record::State state(const Words& argv) {
    const auto said = run(argv);
    EXPECT_LE(said.status, 1) << said.error;
    const auto states = all<record::State>(said.out);
    EXPECT_EQ(states.size(), 1U) << said.error;
    return states.empty() ? record::State{} : states.front();
  }
  record::State state_of(const std::string& model) {
    put("model.yaml", model);
    return state({"twin-simulate", "model.yaml"});
  }
  Said refused(const std::string& model) {
    put("wrong.yaml", model);
    const auto said = run({"twin-simulate", "wrong.yaml"});
    EXPECT_EQ(said.status, 78);
    return said;
  }
};

double value(const record::State& state, const std::string& name) {
  return state.quantities.at(name).value.value();
}

const std::vector<double>& chi(const record::State& state) {
  return state.simulated.at(0).arrays.at("chi").data;
}

TEST_F(Mixed, CopperWithNickelHasBothAroundEach) {
  SKIP_WITHOUT("lmp");
  SKIP_WITHOUT("feff6l");
  const std::string absorption =
      "absorption: {edge: Cu K, rmax: 4 Å, legs: 4, kmax: 12}\n"
      "free: {fraction_Ni: {start: 0.3, bounds: [0, 0.5]}}\n";
  put("model.yaml", copper_nickel(0.1, absorption));
  const auto found = state({"twin-simulate", "--write-trajectory", "run.h5", "model.yaml"});
  EXPECT_DOUBLE_EQ(*found.parameters.at("fraction_Ni").value, 32.0 / 108);
  EXPECT_NEAR(value(found, "n:Cu-Cu.1") + value(found, "n:Cu-Ni.1"), 12, 0.05);
  EXPECT_NEAR(value(found, "n:Ni-Ni.1") + value(found, "n:Ni-Cu.1"), 12, 0.05);
  EXPECT_NEAR(value(found, "n:Cu-Ni.1") * 76, value(found, "n:Ni-Cu.1") * 32, 1e-6);
  EXPECT_NEAR(value(found, "n:Cu-Ni.1"), 12 * 32 / 107.0, 1);
  EXPECT_NEAR(value(found, "density"),
              (76 * 63.546 + 32 * 58.693) * 1.66053906660 / std::pow(3 * 3.58, 3), 0.01);
  for (const char* name : {"rdf:Cu-Ni", "rdf:Ni-Ni", "msd:Ni", "msd:Cu"})
    EXPECT_TRUE(found.arrays.contains(name)) << name;
  ASSERT_EQ(found.simulated.size(), 1U);
  EXPECT_THAT(found.simulated[0].warnings,
              Contains(HasSubstr("multiple scattering is left out: the crystal is mixed")));
  // What was written says which atom is which: read back it gives the same.
  const auto again = state({"twin-simulate", "--trajectory", "run.h5", "model.yaml"});
  EXPECT_EQ(again.how, "trajectory");
  for (const char* name : {"n:Cu-Ni.1", "r:Cu-Ni.1", "r:Ni-Ni.1"})
    EXPECT_NEAR(value(again, name), value(found, name), 1e-6) << name;
  ASSERT_EQ(chi(again).size(), chi(found).size());
  for (std::size_t i = 0; i < chi(found).size(); ++i)
    EXPECT_NEAR(chi(again)[i], chi(found)[i], 1e-6) << i;
}

TEST_F(Mixed, NickelMayAbsorbAndMayTakeAllSites) {
  SKIP_WITHOUT("lmp");
  SKIP_WITHOUT("feff6l");
  const auto absorption = [](const std::string& edge) {
    return "absorption: {edge: " + edge + ", rmax: 3 Å, legs: 2, kmax: 12}\n";
  };
  const auto found = state_of(copper_nickel(1, absorption("Ni K")));
  EXPECT_EQ(*found.parameters.at("fraction_Ni").value, 1);
  EXPECT_NEAR(value(found, "n:Ni-Ni.1"), 12, 0.05);
  for (const auto& [name, quantity] : found.quantities)
    EXPECT_EQ(name.find("Cu"), std::string::npos) << name;
  for (const auto& [name, array] : found.arrays) {
    EXPECT_EQ(name.find("Cu"), std::string::npos) << name;
    EXPECT_TRUE(std::ranges::all_of(array.data, [](double x) { return std::isfinite(x); })) << name;
  }
  EXPECT_GT(std::ranges::max(chi(found)), 0.05);
  EXPECT_THAT(refused(copper_nickel(1, absorption("Cu K"))).error,
              HasSubstr("no Cu is left in the crystal"));
  EXPECT_THAT(refused(copper_nickel(0.5, absorption("Zn K"))).error,
              HasSubstr("the structure has no Zn; it has Cu, Ni"));
}

TEST_F(Mixed, TheLatticeIsBetweenThoseOfTheElements) {
  SKIP_WITHOUT("lmp");
  std::vector<double> a;
  for (const double fraction : {0.0, 0.5, 1.0})
    a.push_back(value(
        state_of(copper_nickel(fraction, "", "npt: {temperature: 300 K, pressure: 0 bar}")), "a"));
  EXPECT_GT(a[0], a[2] + 0.05);
  // What this potential's random alloy is beyond Vegard's law: LAMMPS by itself, 864 atoms of types
  // set at random (set type/fraction), minimized with box/relax: 3.5824 Å of 3.6150 and 3.5200 Å.
  // Short runs scatter by 0.001 Å, arrangements of 108 atoms by as much.
  EXPECT_NEAR(a[1] - (a[0] + a[2]) / 2, 0.0149, 0.005);
}

TEST_F(Mixed, WhatCannotBeIsRefusedInWords) {
  auto text = copper_nickel(0.5);
  text.replace(text.find("potential: CuNi"), 15, "potential: Cu_zhou");
  EXPECT_THAT(refused(text).error, HasSubstr("potential Cu_zhou is of Cu; expected one that is of "
                                             "Ni too"));
  EXPECT_THAT(refused(copper_nickel(0.5, "free: {composition_Ni: {bounds: [0, 1]}}\n")).error,
              HasSubstr("expected fraction_ with the element that comes"));
}

/// 20 frames of 32 atoms at the sites of an fcc crystal, a hair beside, without their elements.
std::string frames_at_sites() {
  const double sites[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
  constexpr double a = 3.8;
  std::string text;
  for (int frame = 0; frame < 20; ++frame) {
    text += "ITEM: TIMESTEP\n" + std::to_string(frame) +
            "\nITEM: NUMBER OF ATOMS\n32\nITEM: BOX BOUNDS pp pp pp\n0 7.6\n0 7.6\n0 7.6\n"
            "ITEM: ATOMS id type xu yu zu\n";
    int id = 0;
    for (int cell = 0; cell < 8; ++cell)
      for (const auto& site : sites) {
        ++id;
        const std::string number = std::to_string(id);
        text += number + " " + number;  // a type each: which is which is for the model to say
        const int at[] = {cell >> 2, (cell >> 1) & 1, cell & 1};
        for (int axis = 0; axis < 3; ++axis)
          text += " " + shortest(a * (at[axis] + site[axis]) +
                                 1e-4 * std::sin(13 * frame + 7 * id + 3 * axis));
        text += "\n";
      }
  }
  return text;
}

/// Copper with gold on \p fraction of the sites, and \p rest of its absorption.
std::string copper_gold(double fraction, const std::string& rest) {
  return "format: twin-model/1\nname: alloy\nstructure: {lattice: fcc, element: Cu, a: 3.8 Å, "
         "supercell: [2, 2, 2], substitutions: {Cu: {by: Au, fraction: " +
         shortest(fraction) +
         "}}}\npotential: r2SCAN\nensemble: {nvt: {temperature: 300 K}}\nabsorption: {edge: Cu K, "
         "kmax: 12, " +
         rest + "}\n";
}

TEST_F(Mixed, FeffKnowsTheSubstitutesOfSampledFrames) {
  SKIP_WITHOUT("feff6l");
  put("run.lammpstrj", frames_at_sites());
  const auto of = [&](const std::string& legs) {
    put("model.yaml", copper_gold(0.5, "rmax: 4.2 Å, " + legs));
    return state({"twin-simulate", "--trajectory", "run.lammpstrj", "model.yaml"});
  };
  const auto found = of("legs: 3, multiple_scattering: sampled-frames"), single = of("legs: 2");
  EXPECT_THAT(found.simulated.at(0).warnings,
              Contains(HasSubstr("multiple scattering: FEFF on 10 absorbers")));
  double apart = 0;  // the triangles of the first shell, half of which are 4.03 Å
  for (std::size_t i = 20; i < chi(single).size(); ++i)
    apart = std::max(apart, std::abs(chi(found)[i] - chi(single)[i]));
  EXPECT_GT(apart, 1e-3);
  EXPECT_LT(apart, 0.3);
}

TEST_F(Mixed, TheSpectrumIsOfBothScatterers) {
  SKIP_WITHOUT("feff6l");
  put("run.lammpstrj", frames_at_sites());
  const auto with_gold = [&](double fraction) {
    put("model.yaml", copper_gold(fraction, "rmax: 3 Å, legs: 2"));
    return state({"twin-simulate", "--trajectory", "run.lammpstrj", "model.yaml"});
  };
  // At their sites: χ of a copper atom is linear in how many of its 12 neighbours are gold. The
  // last copper atom has gold alone around it.
  const auto copper = with_gold(0), half = with_gold(0.5), gold = with_gold(31.0 / 32);
  EXPECT_DOUBLE_EQ(*half.parameters.at("fraction_Au").value, 0.5);
  const double n = value(half, "n:Cu-Au.1") / 12;
  EXPECT_GT(n, 0.2);
  EXPECT_LT(n, 0.8);
  EXPECT_NEAR(value(gold, "n:Cu-Au.1"), 12, 1e-9);
  double largest = 0, apart = 0;
  for (std::size_t i = 20; i < chi(half).size(); ++i) {
    const double expected = (1 - n) * chi(copper)[i] + n * chi(gold)[i];
    EXPECT_NEAR(chi(half)[i], expected, 2e-3) << i;
    largest = std::max(largest, std::abs(chi(half)[i]));
    apart = std::max(apart, std::abs(chi(copper)[i] - chi(gold)[i]));
  }
  EXPECT_GT(largest, 0.05);
  EXPECT_GT(apart, 0.1);
}

TEST_F(Mixed, TheCompositionIsFoundByItsSpectrum) {
  SKIP_WITHOUT("lmp");
  SKIP_WITHOUT("feff6l");
  put("recipe.yaml", recipe());
  const auto of = [](double fraction, const std::string& free) {
    auto text = copper_nickel(fraction,
                              "absorption: {edge: Cu K, rmax: 4 Å, legs: 2, kmax: 14}\n"
                              "fit_to: [r:Cu-Cu.1]\nhold_back: [sigma2:Cu-Cu.1]\ntolerance: "
                              "{r:Cu-Cu.1: 0.01 Å, sigma2:Cu-Cu.1: 30 %}\nmeasure_with: "
                              "recipe.yaml\nbudget: 8\n" +
                                  free,
                              "npt: {temperature: 300 K, pressure: 0 bar}");
    text.replace(text.find("200, produce: 400"), 17, "600, produce: 1600");
    return text;
  };
  // What is to be found: a run of 54 atoms of nickel, by another seed.
  auto truth = of(0.5, "");
  truth.replace(truth.find("seed: 1"), 7, "seed: 77");
  put("truth.yaml", truth);
  const auto simulated = run({"twin-simulate", "truth.yaml"});
  const auto extracted = run({"twin-extract", "--recipe", "recipe.yaml"}, simulated.out);
  auto measured = all<record::Result>(extracted.out).at(0);
  measured.header = {};
  measured.origin = record::Origin::physical;
  measured.context.scan = "alloy";
  put("measured.jsonl", whole_stream(line(measured)));
  put("model.yaml", of(0.1, "free: {fraction_Ni: {bounds: [0, 1]}}\n"));
  const auto said = run({"twin-match", "--with", "measured.jsonl", "--model", "model.yaml",
                         "--engine", "twin-simulate --serve", "--next", "found.yaml"});
  // A match, or 4 where runs as short as these are not told to be at equilibrium.
  EXPECT_TRUE(said.status == 0 || said.status == 4) << said.status << said.error;
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_FALSE(verdicts.empty());
  for (const record::Verdict& verdict : verdicts) {
    const double atoms = *verdict.parameters.at("fraction_Ni").value * 108;
    EXPECT_NEAR(atoms, std::round(atoms), 1e-6);
  }
  // r falls by 0.0005 Å an atom; runs as short as these tell it to 0.0005 Å.
  EXPECT_NEAR(*verdicts.back().parameters.at("fraction_Ni").value * 108, 54, 4);
}

/// The state and the digital result of a model, by hand, beside what was measured.
TEST_F(Mixed, MatchStepsByWholeAtoms) {
  put("model.yaml", copper_nickel(0.25,
                                  "free: {fraction_Ni: {bounds: [0, 1]}}\nfit_to: [r:Cu-Cu.1]\n"
                                  "tolerance: {r:Cu-Cu.1: 0.002 Å}\nbudget: 8\n"));
  record::ModelRecord model;
  model.model = stream::read_model(path("model.yaml"));
  const auto result = [&](record::Origin origin, double r) {
    record::Result out;
    out.origin = origin;
    out.technique = "xas";
    out.edge = "Cu K";
    out.recipe_sha256 = std::string(64, 'a');
    out.recipe_name = "recipe";
    out.context.scan = "foil";
    out.context.environment["temperature"] = {300.0, 1.0, {}, "K", "stated", {}};
    out.quantities["r:Cu-Cu.1"] = {r, 0.0005, 0.0005, "Å", "exafs-fit", {}};
    return out;
  };
  put("measured.jsonl", whole_stream(line(result(record::Origin::physical, 2.500))));
  const auto model_line = line(model);
  record::State state;
  state.model = all<record::ModelRecord>(model_line).at(0).header.id;
  state.potential = "CuNi";
  state.how = "run";
  state.equilibrated = true;
  state.n_eff = 100;
  state.seed = 1;
  state.parameters["fraction_Ni"] = {27.0 / 108, {}, {}, "", "model", {}};
  const auto said =
      run({"twin-match", "--with", "measured.jsonl", "--next", "next.yaml"},
          whole_stream(model_line + line(state) + line(result(record::Origin::digital, 2.540)),
                       "twin-simulate"));
  EXPECT_EQ(said.status, 1) << said.error;
  const auto next = stream::read_model(path("next.yaml"));
  const double atoms = next.free.at(0).value * 108;
  EXPECT_NEAR(atoms, std::round(atoms), 1e-6);
  EXPECT_NE(std::lround(atoms), 27);
  EXPECT_EQ(next.structure.substitutions.at(0).fraction, 0.25);
}

}  // namespace

}  // namespace simulate_mixed_test
