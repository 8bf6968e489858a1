// SPDX-License-Identifier: GPL-3.0-or-later
// twin-simulate on MAPbI3: molecules that turn in a crystal.
#include <gmock/gmock.h>

#include "core/file.h"
#include "core/text.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_molecules_test {
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

/// 96 atoms, too short for equilibrium.
std::string methylammonium(const std::string& rmax = "6 Å", const std::string& cif = "") {
  return std::string("format: twin-model/1\nname: mapbi3\nstructure: {cif: ") +
         (cif.empty() ? source_dir() + "/share/structures/MAPbI3-cubic.cif" : cif) +
         ", supercell: [2, 2, 2]}\npotential: myp-mapbi3\n"
         "ensemble: {npt: {temperature: 350 K, coupling: aniso}}\n"
         "run: {replicas: 1, equilibrate: 1000, produce: 3000, sample_every: 20, timestep: 1 fs}\n"
         "absorption: {edge: Pb L3, rmax: " +
         rmax + ", legs: 2, kmax: 14}\nmeasure_with: recipe.yaml\nseed: 1\n";
}

struct TwinSimulateMolecules : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
  }

  /// The structure without the lines that begin with \p label.
  void put_structure_without(const std::string& label) {
    const std::string whole = read_file(source_dir() + "/share/structures/MAPbI3-cubic.cif");
    std::string text;
    for (const auto line : split(whole, '\n'))
      if (!line.starts_with(label)) text += std::string(line) + "\n";
    put("broken.cif", text);
    put("broken.yaml", methylammonium("6 Å", "broken.cif"));
  }
};

TEST_F(TwinSimulateMolecules, HasTheFrameworksShellsAndMoleculesInItsAbsorption) {
  put("model.yaml", methylammonium());
  const auto said = run({"twin-simulate", "model.yaml"});
  EXPECT_LE(said.status, 1) << said.error;
  const auto states = all<record::State>(said.out);
  ASSERT_EQ(states.size(), 1U) << said.error;
  const auto value = [&](const std::string& name) { return *states[0].quantities.at(name).value; };
  EXPECT_NEAR(value("a"), 6.31, 0.15);
  EXPECT_NEAR(value("r:Pb-I.1"), 3.18, 0.04);
  EXPECT_NEAR(value("n:Pb-I.1"), 6, 0.1);
  EXPECT_LT(value("rmsd"), 0.8);
  EXPECT_EQ(states[0].quantities.count("r:Pb-N.1"), 0U);
  ASSERT_EQ(states[0].simulated.size(), 1U);
  EXPECT_THAT(states[0].simulated[0].warnings, testing::IsEmpty());
  EXPECT_THAT(states[0].missing, testing::Not(HasSubstr("left")));

  put("near.yaml", methylammonium("5 Å"));
  const auto near = all<record::State>(run({"twin-simulate", "near.yaml"}).out);
  ASSERT_EQ(near.size(), 1U);
  EXPECT_THAT(near[0].simulated[0].warnings,
              Contains(HasSubstr("those at 5.46 Å would be counted with a larger rmax")));
  EXPECT_EQ(*near[0].quantities.at("r:Pb-I.1").value, value("r:Pb-I.1"));
}

TEST_F(TwinSimulateMolecules, ItsModelRecordNeedsNoFile) {
  put("model.yaml", methylammonium());
  const auto first = run({"twin-simulate", "model.yaml"});
  auto models = all<record::ModelRecord>(first.out);
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].model.structure.sites.size(), 12U);
  put("again.jsonl", line(models[0]));
  const auto one = all<record::State>(first.out);
  const auto two = all<record::State>(run({"twin-simulate", "again.jsonl"}).out);
  ASSERT_EQ(two.size(), 1U);
  EXPECT_EQ(one[0].quantities.at("r:Pb-I.1").value, two[0].quantities.at("r:Pb-I.1").value);
}

TEST_F(TwinSimulateMolecules, ThatAreNotWholeAreRefused) {
  put_structure_without("H6");
  const auto said = run({"twin-simulate", "broken.yaml"});
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("atom 6 (N) is bonded to C H H; myp-mapbi3 has N bonded to "
                                    "C H H H"));
  put_structure_without("N1");
  EXPECT_THAT(run({"twin-simulate", "broken.yaml"}).error,
              HasSubstr("atom 5 (C) is bonded to H H H"));
}

TEST_F(TwinSimulateMolecules, AreRefusedByAPotentialThatIsNotOfThem) {
  std::string text = methylammonium();
  text.replace(text.find("myp-mapbi3"), 10, "myp-cspbi3");
  put("wrong.yaml", text);
  const auto said = run({"twin-simulate", "wrong.yaml"});
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("is of Cs, Pb, I, the structure has 'C'"));
}

TEST_F(TwinSimulateMolecules, WithTheAbsorberInOneAreRefused) {
  std::string text = methylammonium();
  text.replace(text.find("Pb L3"), 5, "N K");
  put("nitrogen.yaml", text);
  const auto said = run({"twin-simulate", "nitrogen.yaml"});
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("in a molecule"));
}

}  // namespace

}  // namespace simulate_molecules_test
