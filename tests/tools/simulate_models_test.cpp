// SPDX-License-Identifier: GPL-3.0-or-later
// What a model can say of its structure, through twin-simulate: vacancies, data files, complexes.
#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "core/constants.h"
#include "core/text.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_models_test {
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

struct TwinSimulateModels : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    put("recipe.yaml", recipe());
  }

  record::State state(const Said& said) {
    const auto states = all<record::State>(said.out);
    EXPECT_EQ(states.size(), 1U) << said.error;
    return states.empty() ? record::State{} : states[0];
  }
};

double value(const record::State& state, const std::string& name) {
  return state.quantities.at(name).value.value();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(TwinSimulateModels, CopperWithVacanciesHasFewerNeighbours) {
  SKIP_WITHOUT("feff6l");
  // Of 108 atoms 5.
  auto text =
      replaced(model(), "free:\n", "free:\n  vacancy_Cu: {start: 0.05, bounds: [0, 0.1]}\n");
  text = replaced(text, "legs: 2", "legs: 4");
  text = replaced(text, "multiple_scattering: none", "multiple_scattering: ideal-lattice");
  put("model.yaml", text);
  const auto found = state(run({"twin-simulate", "model.yaml"}));
  EXPECT_DOUBLE_EQ(*found.parameters.at("vacancy_Cu").value, 5.0 / 108);
  // 103 atoms with 12 sites around each, of which those that are empty are missing: 60 pairs of an
  // atom and a vacancy, fewer by two for each pair of vacancies side by side.
  const double missing = 12 - value(found, "n:Cu-Cu.1");
  EXPECT_GE(missing, (60 - 2 * 10) / 103.0 - 0.01);
  EXPECT_LE(missing, 60 / 103.0 + 0.01);
  EXPECT_NEAR(value(found, "density"), 103 * 63.546 * 1.66053906660 / std::pow(3 * 3.63, 3), 0.01);
  ASSERT_EQ(found.simulated.size(), 1U);
  EXPECT_THAT(found.simulated[0].warnings, Contains(HasSubstr("the crystal has vacancies")));
  // The same atoms are missing with another seed.
  put("again.yaml", replaced(text, "seed: 1", "seed: 5"));
  EXPECT_NEAR(value(state(run({"twin-simulate", "again.yaml"})), "n:Cu-Cu.1"), 12 - missing, 0.02);
}

/// A crystal of ions of 40 atoms, without a spectrum.
std::string ions(const std::string& structure, const std::string& rest = "") {
  return "format: twin-model/1\nname: ions\nstructure: {" + structure +
         "}\npotential: myp-cspbi3\nensemble: {nvt: {temperature: 634 K}}\n" +
         "run: {replicas: 1, equilibrate: 200, produce: 400, sample_every: 10, timestep: 2 fs}\n" +
         "seed: 1\n" + rest;
}

const std::string cubic = std::string("cif: ") + source_dir() +
                          "/share/structures/CsPbI3-cubic.cif, supercell: [2, 2, 2]";

TEST_F(TwinSimulateModels, IonsLeaveInPairs) {
  put("model.yaml", ions(cubic,
                         "free: {vacancy_I: {start: 0.04, bounds: [0, 0.1], "
                         "move: remove-pair}}\n"));
  const auto found = state(run({"twin-simulate", "model.yaml"}));
  EXPECT_DOUBLE_EQ(*found.parameters.at("vacancy_I").value, 1.0 / 24);
  EXPECT_THAT(found.warnings, Contains(HasSubstr("what left does not cancel, -0.23 e in 1 moves")));
  // One I of 24 and one Cs of 8 are gone: 38 of 40 atoms.
  const double whole = 720.82 * 1.66053906660 / std::pow(6.29, 3);
  EXPECT_NEAR(value(found, "density") / whole, 1 - (126.904 + 132.905) / (8 * 720.82), 0.002);
  put("wrong.yaml", ions(cubic + ", vacancies: {I: {fraction: 4 %}}"));
  const auto refused = run({"twin-simulate", "wrong.yaml"});
  EXPECT_EQ(refused.status, 78);
  EXPECT_THAT(refused.error, HasSubstr("expected move: remove-pair or remove-unit"));
}

TEST_F(TwinSimulateModels, ADataFileOfLammpsIsAStructure) {
  // The same 40 atoms in the same order, written out: the same numbers to the last digit.
  std::string text = "cubic\n40 atoms\n3 atom types\n";
  for (const char* axis : {"x", "y", "z"})
    text += std::string("0 12.58 ") + axis + "lo " + axis + "hi\n";
  text += "Masses\n\n1 207.2 # Pb\n2 132.905 # Cs\n3 126.904 # I\n\nAtoms # charge\n\n";
  const double sites[5][4] = {
      {1, 0, 0, 0}, {2, .5, .5, .5}, {3, .5, 0, 0}, {3, 0, .5, 0}, {3, 0, 0, .5}};
  int id = 0;
  for (int x = 0; x < 2; ++x)
    for (int y = 0; y < 2; ++y)
      for (int z = 0; z < 2; ++z)
        for (const auto& site : sites)
          text += std::to_string(++id) + " " + shortest(site[0]) + " 0 " +
                  shortest(6.29 * (x + site[1])) + " " + shortest(6.29 * (y + site[2])) + " " +
                  shortest(6.29 * (z + site[3])) + "\n";
  put("cubic.data", text);
  put("model.yaml", ions("data: cubic.data"));
  const auto found = state(run({"twin-simulate", "model.yaml"}));
  EXPECT_DOUBLE_EQ(value(found, "a"), 12.58);
  EXPECT_NEAR(value(found, "n:Pb-I.1"), 6, 0.2);
  EXPECT_NEAR(value(found, "r:Pb-I.1"), 3.2, 0.06);
  EXPECT_NEAR(value(found, "density"), 720.82 * 1.66053906660 / std::pow(6.29, 3), 0.01);
  put("cubic.data", replaced(text, "2 132.905 # Cs", "2 100"));
  const auto refused = run({"twin-simulate", "model.yaml"});
  EXPECT_EQ(refused.status, 65);
  EXPECT_THAT(refused.error, HasSubstr("cubic.data:10: a mass of 100 u"));
}

TEST_F(TwinSimulateModels, AnObliqueCellIsTheSameCrystal) {
  // Copper in its primitive cell, whose angles are of 60 degrees, and in its cube.
  const std::string rest =
      "potential: Cu_mishin1\nensemble: {nvt: {temperature: 295 K}}\nrun: {replicas: 2, "
      "equilibrate: "
      "1000, produce: 4000, sample_every: 10, timestep: 4 fs}\nseed: 1\n";
  put("cube.yaml",
      "format: twin-model/1\nname: cube\nstructure: {lattice: fcc, element: Cu, a: 3.615 Å, "
      "supercell: [4, 4, 4]}\n" +
          rest);
  put("oblique.yaml",
      "format: twin-model/1\nname: oblique\nstructure: {cell: [[0 Å, 1.8075 Å, 1.8075 Å], [1.8075 "
      "Å, 0 Å, 1.8075 Å], [1.8075 Å, 1.8075 Å, 0 Å]], sites: [{element: Cu, at: [0, 0, 0]}], "
      "supercell: [6, 6, 6]}\n" +
          rest);
  const auto cube = state(run({"twin-simulate", "cube.yaml"}));
  const auto oblique = state(run({"twin-simulate", "oblique.yaml"}));
  EXPECT_NEAR(value(oblique, "n:Cu-Cu.1"), 12, 0.001);
  EXPECT_NEAR(value(oblique, "density"), value(cube, "density"), 1e-6);
  // 216 atoms and 256: what the size does is within these; noise is within 4 standard errors.
  const auto expect_near = [&](const std::string& name, double allowed) {
    const auto &one = cube.quantities.at(name), &other = oblique.quantities.at(name);
    EXPECT_NEAR(*other.value, *one.value, allowed + 4 * std::hypot(*one.sigma, *other.sigma))
        << name;
    EXPECT_LT(*other.sigma, 0.03 * std::abs(*other.value)) << name;
  };
  expect_near("r:Cu-Cu.1", 0.0005);
  expect_near("sigma2:Cu-Cu.1", 0.0001);
  expect_near("potential_energy", 0.0005);
}

/// [PbI_n O_m] at 300 K.
std::string complex(const std::string& name, int iodine, int oxygen, int steps) {
  return "format: twin-model/1\nname: " + name +
         "\nstructure:\n  complex:\n    centre: Pb\n    box: 30 Å\n    ligands:\n" +
         "      - {element: I, count: " + std::to_string(iodine) + ", at: 3.18 Å}\n" +
         "      - {element: O, count: " + std::to_string(oxygen) + ", at: 2.5 Å}\n" +
         "potential: iodoplumbate\nensemble: {nvt: {temperature: 300 K}}\n" +
         "run: {replicas: 2, equilibrate: 2000, produce: " + std::to_string(steps) +
         ", sample_every: 20, timestep: 2 fs, friction: 0.2 ps}\n" +
         "absorption: {edge: Pb L3, rmax: 4.5 Å, legs: 2, kmax: 14}\nseed: 1\n";
}

TEST_F(TwinSimulateModels, AComplexMovesAsItsRestraintsSay) {
  SKIP_WITHOUT("feff6l");
  put("model.yaml", complex("three", 3, 3, 100000));
  const auto found = state(run({"twin-simulate", "model.yaml"}));
  EXPECT_TRUE(found.equilibrated) << found.missing;  // it does not turn away from its sites
  EXPECT_EQ(value(found, "n:Pb-I.1"), 3);
  EXPECT_EQ(value(found, "n:Pb-O.1"), 3);
  // Each bond is a classical oscillator of its own: the density of its length is
  // r² exp(-K (r - r0)²/kT), whatever the angles do. Within 4 standard errors.
  const auto expect_bond = [&](const std::string& pair, double k, double r0) {
    const double width = std::sqrt(boltzmann_eV * 300 / (2 * k));
    double sum = 0, mean = 0, square = 0;
    for (double r = r0 - 8 * width; r < r0 + 8 * width; r += width / 100) {
      const double weight = r * r * std::exp(-std::pow((r - r0) / width, 2) / 2);
      sum += weight;
      mean += weight * r;
      square += weight * r * r;
    }
    mean /= sum;
    const auto& r = found.quantities.at("r:" + pair);
    const auto& sigma2 = found.quantities.at("sigma2:" + pair);
    EXPECT_NEAR(*r.value, mean, 4 * *r.sigma) << pair;
    EXPECT_NEAR(*sigma2.value, square / sum - mean * mean, 4 * *sigma2.sigma) << pair;
    EXPECT_LT(*sigma2.sigma, 0.1 * *sigma2.value) << pair;
  };
  expect_bond("Pb-I.1", 1.2926, 3.18);
  expect_bond("Pb-O.1", 1.0772, 2.50);
  EXPECT_NEAR(value(found, "temperature_md"), 300, 6);
  EXPECT_THAT(found.warnings, Contains(HasSubstr("no force field")));
  EXPECT_EQ(found.quantities.count("density"), 0U);
  ASSERT_EQ(found.simulated.size(), 1U);
  EXPECT_EQ(found.simulated[0].edge, "Pb L3");
}

TEST_F(TwinSimulateModels, ComplexesThatCannotBeAreRefused) {
  const auto text = complex("three", 3, 3, 1000);
  const auto refusal = [&](const std::string& from, const std::string& to) {
    put("model.yaml", replaced(text, from, to));
    const auto said = run({"twin-simulate", "model.yaml"});
    EXPECT_EQ(said.status, 78) << to;
    return said.error;
  };
  EXPECT_THAT(refusal("count: 3", "count: 4"), HasSubstr("ligands: expected 1 to 6"));
  EXPECT_THAT(refusal("element: I", "element: Cl"), HasSubstr("is of Pb, I, O, the structure has"));
  EXPECT_THAT(refusal("at: 3.18", "at: 4.5"),
              HasSubstr("is not within 20 % of the length of any bond"));
  EXPECT_THAT(refusal("nvt", "npt"), HasSubstr("a complex by itself has no pressure"));
  EXPECT_THAT(refusal("box: 30", "box: 3"), HasSubstr("expected 10 to 1000 Å"));
}

TEST_F(TwinSimulateModels, SpectraOfComplexesMixAndAreToldApart) {
  SKIP_WITHOUT("feff6l");
  for (const auto& [name, iodine] : {std::pair("poor", 2), std::pair("rich", 4)}) {
    put("model.yaml", complex(name, iodine, 6 - iodine, 20000));
    run({"twin-simulate", "--spectrum", std::string(name) + ".xdi", "--threshold", "13035",
         "model.yaml"});
    ASSERT_TRUE(exists(std::string(name) + ".xdi"));
  }
  // 30 % of one and 70 % of the other.
  const auto rows = [&](const std::string& name) {
    std::vector<std::array<double, 2>> out;
    const std::string content = get(name);
    for (const auto row : split(content, '\n')) {
      const auto numbers = words(row);
      if (numbers.size() == 2 && parse_double(numbers[0]) && parse_double(numbers[1]))
        out.push_back({*parse_double(numbers[0]), *parse_double(numbers[1])});
    }
    return out;
  };
  const auto poor = rows("poor.xdi"), rich = rows("rich.xdi");
  ASSERT_EQ(poor.size(), rich.size());
  ASSERT_GT(poor.size(), 100U);
  std::string mixed = "# energy mu\n";
  for (std::size_t i = 0; i < poor.size(); ++i)
    mixed += shortest(poor[i][0]) + " " + shortest(0.3 * poor[i][1] + 0.7 * rich[i][1]) + "\n";
  put("mixed.dat", mixed);
  const auto said = extracted_by(
      "format: twin-recipe/1\ntechnique: xas\nedge: Pb L3\ncolumns: {energy: energy, mu: mu}\n"
      "reduce: {e0: 13035, pre1: -150, pre2: -30, norm1: 50, norm2: 600, nnorm: 2}\n"
      "xanes: {lcf: {standards: [{name: poor, file: poor.xdi}, {name: rich, file: rich.xdi}],\n"
      "  range: [20, 400], broadening: false, self_absorption: false}}\n",
      {"mixed.dat"});
  const auto results = all<record::Result>(said.out);
  ASSERT_EQ(results.size(), 1U) << said.error;
  EXPECT_NEAR(*results[0].quantities.at("fraction:poor").value, 0.3, 0.01);
  EXPECT_NEAR(*results[0].quantities.at("fraction:rich").value, 0.7, 0.01);
}

TEST_F(TwinSimulateModels, TwoStartsEndInOneState) {
  auto text = model();
  text = replaced(text, "replicas: 1, equilibrate: 200, produce: 400",
                  "starts: 2, replicas: 2, equilibrate: 400, produce: 2000");
  text = text.substr(0, text.find("absorption:")) + "seed: 1\n";
  put("model.yaml", text);
  const auto said = run({"twin-simulate", "model.yaml"});
  const auto found = state(said);
  EXPECT_EQ(found.missing.find("the two starts"), std::string::npos) << found.missing;
  put("one.yaml", replaced(text, "replicas: 2", "replicas: 1"));
  const auto refused = run({"twin-simulate", "one.yaml"});
  EXPECT_EQ(refused.status, 78);
  EXPECT_THAT(refused.error, HasSubstr("2 need 2 replicas or more"));
}

}  // namespace

}  // namespace simulate_models_test
