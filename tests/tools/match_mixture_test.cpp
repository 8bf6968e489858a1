// SPDX-License-Identifier: GPL-3.0-or-later
// Mixtures, several edges and what data do not see, through the tools, LAMMPS and FEFF.
#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "places.h"
#include "process/child.h"
#include "stream/documents.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace match_mixture_test {
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace {

std::string complexes(double fraction, int seed, const std::string& rest = "") {
  const auto complex = [](int iodine) {
    return "complex: {centre: Pb, box: 30 Å, ligands: [{element: I, count: " +
           std::to_string(iodine) + ", at: 3.18 Å}]}";
  };
  return "format: twin-model/1\nname: solution\nstructure: {" + complex(2) +
         "}\nphases: [{name: richer, fraction: " + std::to_string(fraction) + ", " + complex(6) +
         "}]\npotential: iodoplumbate\nensemble: {nvt: {temperature: 300 K}}\n"
         "run: {replicas: 2, equilibrate: 2000, produce: 60000, sample_every: 20, timestep: 2 fs, "
         "friction: 0.2 ps}\nabsorption: {edge: Pb L3, rmax: 4.5 Å, legs: 2, kmax: 14}\nseed: " +
         std::to_string(seed) + "\n" + rest;
}

std::string lead_recipe() {
  return "format: twin-recipe/1\nedge: Pb L3\ncolumns: {energy: energy, mu: mu}\n"
         "reduce: {e0: 13040, pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 2}\n"
         "standard: {s02: 1.0, s02_sigma: 0.02}\nfeff: {structure: " +
         source_dir() +
         "/share/structures/CsPbI3-cubic.cif}\n"
         "fit: {kmin: 3, kmax: 12, kweights: [2], rmin: 2.2, rmax: 3.4}\n"
         "paths: [{name: Pb-I.1, n: {value: 3, free: true}, r: {value: 3.18 Å, free: true}, "
         "sigma2: {value: 0.01 Å², free: true}}]\n";
}

/// Cu-Ni, half of each.
std::string alloy(double a, int seed, const std::string& edges, const std::string& rest = "") {
  return "format: twin-model/1\nname: alloy\nstructure: {lattice: fcc, element: Cu, a: " +
         std::to_string(a) +
         " Å, supercell: [3, 3, 3], substitutions: {Cu: {by: Ni, fraction: 0.5}}}\n"
         "potential: CuNi\nensemble: {nvt: {temperature: 300 K}}\n"
         "run: {replicas: 2, equilibrate: 2000, produce: 6000, sample_every: 10, timestep: 4 fs}\n"
         "absorption: {edge: " +
         edges +
         ", rmax: 3 Å, legs: 2, kmax: 16, reference_a: 3.57 Å}\nseed: " + std::to_string(seed) +
         "\n" + rest;
}

std::string metal_recipe(const std::string& element, double e0,
                         const std::string& s02_sigma = "0.02") {
  return "format: twin-recipe/1\nedge: " + element +
         " K\ncolumns: {energy: energy, mu: mu}\nreduce: {e0: " + std::to_string(e0) +
         ", pre1: -150, pre2: -30, norm1: 150, norm2: 800, nnorm: 2}\n"
         "standard: {s02: 1.0, s02_sigma: " +
         s02_sigma + "}\nfeff: {lattice: fcc, element: " + element +
         ", a: 3.57 Å, rmax: 3.0, legs: 2}\n"
         "fit: {kmin: 3, kmax: 13, kweights: [2], rmin: 1.4, rmax: 2.8}\nbands: [1.6-2.6]\n"
         "paths: [{name: " +
         element + "-" + element +
         ".1, n: {value: 12, free: true}, r: {free: true}, sigma2: {free: true}}]\n";
}

struct Matched : Tools {
  void SetUp() override {
    SKIP_WITHOUT("feff6l");
    SKIP_WITHOUT("lmp");
  }

  /// A hidden model's spectrum with noise, reduced by a recipe: a stream of results.
  std::string seen(const std::string& hidden, const std::string& recipe, const std::string& edge,
                   const std::string& threshold, const std::string& noise) {
    put("hidden.yaml", hidden);
    auto said = run({"twin-simulate", "--quiet", "hidden.yaml", "--spectrum", edge + ".xdi",
                     "--s02", "1", "--threshold", threshold, "--noise", noise});
    EXPECT_LE(said.status, 1) << said.error;
    said = run({"twin-acquire", "--quiet", "--edge", edge, edge + ".xdi"});
    said = run({"twin-extract", "--quiet", "--recipe", recipe}, said.out);
    EXPECT_EQ(said.status, 0) << said.error;
    return said.out;
  }

  Said match(const std::string& model, const Words& more = {}) {
    put("model.yaml", model);
    Words argv{"twin-match", "--with",   "seen.jsonl",           "--model",
               "model.yaml", "--engine", "twin-simulate --serve"};
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv);
  }
};

TEST_F(Matched, TheFractionOfAMixtureIsFoundAndCostsNoSimulation) {
  put("lead.yaml", lead_recipe());
  put("seen.jsonl", seen(complexes(0.3, 901), "lead.yaml", "Pb L3", "13035", "3e-4"));
  const auto said =
      match(complexes(0.8, 1,
                      "free: {fraction:richer: {bounds: [0, 1]}}\nfit_to: [n:Pb-I.1, r:Pb-I.1]\n"
                      "hold_back: [sigma2:Pb-I.1]\nmeasure_with: lead.yaml\nbudget: 6\n"
                      "tolerance: {n:Pb-I.1: 1, r:Pb-I.1: 0.05 Å, sigma2:Pb-I.1: 50 %}\n"));
  const auto verdicts = all<record::Verdict>(said.out);
  ASSERT_FALSE(verdicts.empty()) << said.error;
  const auto& last = verdicts.back();
  const auto& found = last.parameters.at("fraction:richer");
  EXPECT_NEAR(*found.value, 0.3, 3 * *found.sigma) << said.error;
  EXPECT_LT(*found.sigma, 0.15);
  EXPECT_DOUBLE_EQ(*last.covariance.at("fraction:richer", "fraction:richer"),
                   std::pow(*found.sigma, 2));
  EXPECT_EQ(last.answer, record::Answer::match) << last.reason;
  EXPECT_EQ(last.run, 2);  // one to find it, one to confirm
  const auto states = all<record::State>(said.out);
  ASSERT_EQ(states.size(), 2U);
  const auto& arrays = states[0].simulated.at(0).arrays;
  for (const char* name : {"structure/chi", "richer/chi", "chi@fraction:richer"})
    EXPECT_TRUE(arrays.contains(name)) << name;
  const double share = *states[0].parameters.at("fraction:richer").value;
  EXPECT_NE(share, 0.8);  // as asked, before it was found
  EXPECT_EQ(*states[1].parameters.at("fraction:richer").value, share);
  const auto& own = arrays.at("structure/chi").data;
  const auto& richer = arrays.at("richer/chi").data;
  const auto& chi = arrays.at("chi").data;
  for (std::size_t i = 0; i < chi.size(); ++i)
    ASSERT_NEAR(chi[i], (1 - share) * own[i] + share * richer[i], 1e-9);
  EXPECT_EQ(*states[0].quantities.at("n:Pb-I.1").value, 2);
  EXPECT_EQ(*states[0].quantities.at("n:Pb-I.1/richer").value, 6);
  // Gone on with: nothing is simulated again.
  put("night.jsonl", said.out);
  const auto again = run({"twin-match", "--with", "seen.jsonl", "--model", "model.yaml", "--engine",
                          "false", "--resume", "night.jsonl"});
  EXPECT_EQ(again.status, said.status) << again.error;
}

TEST_F(Matched, AMixtureIsRefusedWhereItHasNoSense) {
  put("model.yaml", complexes(0.3, 1));
  auto said = run({"twin-simulate", "--write-trajectory", "t.h5", "model.yaml"});
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("of one structure"));
  said = run({"twin-simulate", "--checkpoint", "c.bin", "model.yaml"});
  EXPECT_EQ(said.status, 78);
  put("t.xyz", "1\n\nPb 0 0 0\n");
  said = run({"twin-simulate", "--trajectory", "t.xyz", "model.yaml"});
  EXPECT_EQ(said.status, 78) << said.error;
  put("seen.jsonl", whole_stream(""));
  said = match(complexes(0.3, 1, "free: {fraction:richer: {bounds: [0, 1]}}\n"));
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("measure_with"));
}

TEST_F(Matched, SeveralEdgesAreOneChiSquared) {
  put("cu.yaml", metal_recipe("Cu", 8984));
  put("ni.yaml", metal_recipe("Ni", 8338));
  const auto copper = seen(alloy(3.575, 900, "Cu K"), "cu.yaml", "Cu K", "8979", "5e-4");
  const auto nickel = seen(alloy(3.575, 900, "Ni K"), "ni.yaml", "Ni K", "8333", "5e-4");
  put("cu.jsonl", copper);
  put("ni.jsonl", nickel);
  const std::string free =
      "free: {a: {start: 3.59 Å, bounds: [3.5 Å, 3.65 Å]}}\n"
      "tolerance: {r:Cu-Cu.1: 0.02 Å, r:Ni-Ni.1: 0.02 Å, chi_r:1.6-2.6@cu: 30 %, "
      "chi_r:1.6-2.6@ni: 30 %, chi_r:1.6-2.6: 30 %}\nbudget: 8\n";
  const auto last_of = [](const Said& said) {
    const auto verdicts = all<record::Verdict>(said.out);
    EXPECT_FALSE(verdicts.empty()) << said.error;
    return verdicts.empty() ? record::Verdict{} : verdicts.back();
  };
  put("seen.jsonl", copper + nickel);
  const auto joint = last_of(match(alloy(
      3.59, 1, "[Cu K, Ni K]",
      free + "fit_to: [r:Cu-Cu.1, r:Ni-Ni.1]\nhold_back: [chi_r:1.6-2.6@cu, chi_r:1.6-2.6@ni]\n"
             "measure_with: [cu.yaml, ni.yaml]\n")));
  EXPECT_THAT(joint.unpaired, IsEmpty());
  EXPECT_EQ(joint.dof, 1);  // two fitted, one free
  EXPECT_EQ(joint.dof_held_back, 2);
  EXPECT_EQ(joint.pairs.size(), 4U);
  EXPECT_NE(joint.answer, record::Answer::no_match) << joint.reason;
  const auto& a = joint.parameters.at("a");
  EXPECT_NEAR(*a.value, 3.575, 3 * *a.sigma);
  // Of one edge by itself it is less sure.
  put("seen.jsonl", copper);
  const auto alone = last_of(match(alloy(3.59, 1, "Cu K",
                                         free + "fit_to: [r:Cu-Cu.1]\nhold_back: [chi_r:1.6-2.6]\n"
                                                "measure_with: cu.yaml\n")));
  EXPECT_LT(*a.sigma, *alone.parameters.at("a").sigma);
}

TEST_F(Matched, SeveralEdgesAreRefusedWhereOneIsMissingOrNotOfThisSample) {
  put("cu.yaml", metal_recipe("Cu", 8984));
  put("ni.yaml", metal_recipe("Ni", 8338));
  const auto result = [](const std::string& recipe, const std::string& edge, double kelvin) {
    record::Result out;
    out.technique = "xas";
    out.edge = edge;
    out.recipe_name = recipe;
    out.recipe_sha256 = std::string(64, 'a');
    out.context.scan = recipe + "-scan";
    out.context.environment["temperature"] = {kelvin, 1.0, {}, "K", "stated", {}};
    out.quantities["r:" + edge.substr(0, 2)] = {2.5, 0.01, {}, "Å", "exafs-fit", {}};
    return out;
  };
  const std::string model =
      alloy(3.59, 1, "[Cu K, Ni K]", "fit_to: [r:Cu-Cu.1]\nmeasure_with: [cu.yaml, ni.yaml]\n");
  put("seen.jsonl", whole_stream(line(result("cu", "Cu K", 300))));
  auto said = match(model);
  EXPECT_EQ(said.status, 65);
  EXPECT_THAT(said.error, HasSubstr("no measured result"));
  // Two recipes of one edge.
  put("other.yaml", metal_recipe("Cu", 8985));
  said =
      match(alloy(3.59, 1, "Cu K", "fit_to: [r:Cu-Cu.1]\nmeasure_with: [cu.yaml, other.yaml]\n"));
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("edge"));
  // The state has both, twin-extract takes its recipe's; of neither it says so.
  put("model.yaml", alloy(3.59, 1, "[Cu K, Ni K]"));
  const auto state = run({"twin-simulate", "--quiet", "model.yaml"});
  said = run({"twin-extract", "--quiet", "--recipe", "ni.yaml"}, state.out);
  const auto results = all<record::Result>(said.out);
  ASSERT_EQ(results.size(), 1U) << said.error;
  EXPECT_TRUE(results[0].quantities.contains("r:Ni-Ni.1"));
  put("iron.yaml", metal_recipe("Fe", 7117));
  said = run({"twin-extract", "--quiet", "--recipe", "iron.yaml"}, state.out);
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.out, HasSubstr("no edge of this state"));
}

/// Copper with vacancies, to be seen by its coordination number.
std::string vacant(double fraction, int seed, const std::string& rest = "") {
  return "format: twin-model/1\nname: vacant\nstructure: {lattice: fcc, element: Cu, a: 3.63 Å, "
         "supercell: [3, 3, 3], vacancies: {Cu: {fraction: " +
         std::to_string(fraction) +
         "}}}\npotential: Cu_mishin1\nensemble: {nvt: {temperature: 300 K}}\n"
         "run: {replicas: 2, equilibrate: 1500, produce: 4000, sample_every: 10, timestep: 4 fs}\n"
         "absorption: {edge: Cu K, rmax: 3 Å, legs: 2, kmax: 16, reference_a: 3.61 Å}\nseed: " +
         std::to_string(seed) + "\n" + rest;
}

TEST_F(Matched, AVacancyFractionBelowWhatTheDataSeeIsUnobservable) {
  put("cu.yaml", metal_recipe("Cu", 8984, "0.005"));
  const auto verdict_of = [&](double hidden, const std::string& noise, const std::string& bounds) {
    put("seen.jsonl", seen(vacant(hidden, 900), "cu.yaml", "Cu K", "8979", noise));
    const auto said =
        match(vacant(0.02, 1,
                     "free: {vacancy_Cu: {start: 0.02, bounds: " + bounds +
                         "}}\nfit_to: [n:Cu-Cu.1, r:Cu-Cu.1]\n"
                         "tolerance: {n:Cu-Cu.1: 2, r:Cu-Cu.1: 0.03 Å}\nmeasure_with: cu.yaml\n"
                         "budget: 5\n"));
    const auto verdicts = all<record::Verdict>(said.out);
    EXPECT_FALSE(verdicts.empty()) << said.error;
    return verdicts.empty() ? record::Verdict{} : verdicts.back();
  };
  const auto blind = verdict_of(0.0093, "8e-3", "[0, 0.04]");  // one atom of 108
  EXPECT_THAT(blind.unobservable, Contains("vacancy_Cu"));
  EXPECT_NE(blind.answer, record::Answer::no_match);
  // Four of them, with less noise, are seen.
  const auto seeing = verdict_of(0.037, "2e-4", "[0, 0.12]");
  EXPECT_THAT(seeing.unobservable, Not(Contains("vacancy_Cu")));
  const auto& found = seeing.parameters.at("vacancy_Cu");
  EXPECT_NEAR(*found.value, 0.037, 3 * *found.sigma);
  EXPECT_LT(*found.sigma, 0.02);
}

}  // namespace

}  // namespace match_mixture_test
