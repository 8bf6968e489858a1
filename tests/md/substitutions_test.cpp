// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/substitutions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "atoms/crystal.h"
#include "core/error.h"
#include "cubic_cspbi3.h"
#include "md/bank.h"
#include "md/commands.h"
#include "md/copper.h"
#include "md/methylammonium.h"
#include "md/observables.h"
#include "md/plan.h"

namespace twin::md::substitutions_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

record::Model copper_nickel(double fraction, int cells = 4) {
  record::Model model = copper_model();
  model.structure.supercell = {cells, cells, cells};
  model.structure.substitutions = {{"Cu", "Ni", fraction}};
  model.potentials = {"CuNi"};
  return model;
}

int count(const Plan& plan, const std::string& element) {
  const auto at = std::ranges::find(plan.system.species, element) - plan.system.species.begin();
  return static_cast<int>(std::ranges::count(plan.system.ideal.species, static_cast<int>(at)));
}

/// The atoms that are of another element than their sites.
std::vector<int> substituted(const record::Model& model) {
  const System system = make_plan(model).system;
  std::vector<int> out;
  for (std::size_t i = 0; i < system.sites.size(); ++i)
    if (system.sites[i] != system.ideal.species[i]) out.push_back(static_cast<int>(i));
  return out;
}

template <typename Work>
std::string refusal_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    return error.what();
  }
  return "(nothing was thrown)";
}

std::string refused(const record::Model& model) {
  return refusal_of([&] { static_cast<void>(make_plan(model)); });
}

TEST(Substitutions, AreWholeAtomsOfTheFractionAskedFor) {
  const Plan plan = make_plan(copper_nickel(0.05));
  EXPECT_THAT(plan.system.species, ElementsAre("Cu", "Ni"));
  EXPECT_EQ(count(plan, "Ni"), 13);
  EXPECT_EQ(count(plan, "Cu"), 243);
  EXPECT_DOUBLE_EQ(plan.made.at("fraction_Ni"), 13.0 / 256);
  // LAMMPS' atoms are of two types, each with its mass and its functions.
  EXPECT_EQ(std::ranges::count(plan.system.topology.type, plan.system.topology.type.at(0)), 243);
  EXPECT_THAT(data_file(plan.system.potential, plan.system.topology, plan.system.ideal),
              HasSubstr("2 atom types"));
  EXPECT_THAT(pair_commands(plan.system.potential, plan.system.topology.types),
              HasSubstr("pair_coeff * * twinline.potential Cu Ni\n"));
}

TEST(Substitutions, OfNoneOrOfAllLeaveOneElement) {
  EXPECT_EQ(count(make_plan(copper_nickel(0.001)), "Ni"), 0);
  EXPECT_EQ(make_plan(copper_nickel(0.001)).made.at("fraction_Ni"), 0);
  const Plan all = make_plan(copper_nickel(1));
  EXPECT_EQ(count(all, "Cu"), 0);
  EXPECT_THAT(all.system.topology.types, ElementsAre("Ni"));
  EXPECT_EQ(all.made.at("fraction_Ni"), 1);
  // A potential of what is left will do.
  record::Model nickel = copper_nickel(1);
  nickel.structure.element = "Al";
  nickel.structure.substitutions = {{"Al", "Cu", 1}};
  nickel.potentials = {"Cu_mishin1"};
  EXPECT_EQ(count(make_plan(nickel), "Cu"), 256);
}

TEST(Substitutions, OfASmallFractionAreAmongThoseOfALargerOne) {
  std::vector<int> before;
  for (const double fraction : {0.0, 0.02, 0.25, 0.6, 1.0}) {
    const std::vector<int> now = substituted(copper_nickel(fraction));
    EXPECT_EQ(now.size(), static_cast<std::size_t>(std::lround(256 * fraction)));
    EXPECT_TRUE(std::ranges::includes(now, before)) << fraction;
    before = now;
  }
}

TEST(Substitutions, DependOnTheArrangementAndNotOnTheSeed) {
  record::Model model = copper_nickel(0.25);
  const auto first = substituted(model);
  model.seed = 77;
  EXPECT_EQ(substituted(model), first);
  model.structure.arrangement = 2;
  EXPECT_NE(substituted(model), first);
}

TEST(Substitutions, AreARandomMixture) {
  // Of many arrangements: a Cu has 12 (1 - x) Cu around it; 4 standard errors of as many pairs,
  // x (1 - x)/√pairs.
  double pairs = 0, crystals = 0;
  record::Model model = copper_nickel(0.5);
  for (model.structure.arrangement = 1; model.structure.arrangement <= 20;
       ++model.structure.arrangement) {
    const System system = make_plan(model).system;
    const Shells shells(system.ideal, all_atoms(system.ideal), system.sites);
    for (const atoms::PairShell& shell : shells.all())
      if (shell.centre == 0 && shell.neighbour == 0) pairs += shell.count * 128 / 2;
    ++crystals;
  }
  const double all = 256 * 12 / 2, alike = 127.0 / 255 / 2;
  EXPECT_NEAR(pairs / crystals / all, alike, 4 * 0.25 / std::sqrt(all * crystals));
}

TEST(Substitutions, LeaveTheFirstShellWhole) {
  for (const double fraction : {0.25, 0.9}) {
    const System system = make_plan(copper_nickel(fraction)).system;
    const Shells shells(system.ideal, system.topology.framework(), system.sites);
    const Eigen::VectorXd counted = shells.neighbours(system.ideal);
    double around_copper = 0, counted_around_copper = 0;
    for (std::size_t s = 0; s < shells.all().size(); ++s) {
      const atoms::PairShell& shell = shells.all()[s];
      EXPECT_NEAR(shell.r, 3.615 / std::sqrt(2.0), 1e-9);
      if (shell.centre != 0) continue;
      around_copper += shell.count;
      counted_around_copper += counted[static_cast<Eigen::Index>(s)];
    }
    EXPECT_NEAR(around_copper, 12, 1e-9);
    EXPECT_NEAR(counted_around_copper, 12, 1e-9);
  }
}

TEST(Substitutions, GoBeforeVacanciesWhichKnowThem) {
  record::Model model = copper_nickel(0.25);
  model.structure.vacancies = {{"Ni", 0.1, "remove"}};
  const Plan plan = make_plan(model);
  EXPECT_EQ(count(plan, "Ni"), 64 - 6);
  EXPECT_EQ(count(plan, "Cu"), 192);
  EXPECT_EQ(plan.system.sites, std::vector<int>(250, 0));
  EXPECT_DOUBLE_EQ(plan.made.at("vacancy_Ni"), 6.0 / 64);
}

TEST(Substitutions, OfOneElementLeaveTheOthersAlone) {
  record::Model model = copper_nickel(0.5);
  model.structure = cubic_cspbi3(6.29, 2);
  model.structure.substitutions = {{"I", "Br", 0.5}, {"Cs", "Br", 0.25}};
  const auto species = atoms::elements(model.structure);
  EXPECT_THAT(species, ElementsAre("Pb", "Cs", "I", "Br"));
  const atoms::Frame ideal = atoms::build_crystal(model.structure);
  const Mixed mixed = make_substitutions({{}, species, ideal}, model.structure.substitutions, 1);
  EXPECT_EQ(std::ranges::count(mixed.species, 2), 12);
  EXPECT_EQ(std::ranges::count(mixed.species, 3), 12 + 2);
  EXPECT_EQ(std::ranges::count(mixed.species, 1), 6);
  // Two by one element have names of their own.
  const auto made = made_fractions(model.structure.substitutions, mixed.fractions);
  EXPECT_EQ(made.at("fraction_Br_I"), 0.5);
  EXPECT_EQ(made.at("fraction_Br_Cs"), 0.25);
}

TEST(Substitutions, AreFreeParameters) {
  record::Model model = copper_nickel(0.25);
  model.free.push_back({"fraction_Ni", 0.1, "", 0, 1, {}, {}});
  EXPECT_EQ(count(make_plan(model), "Ni"), 26);
  EXPECT_DOUBLE_EQ(record::smallest_step(model, model.free.back()), 1.0 / 256);
  model.structure.substitutions.push_back({"Ag", "Ni", 0.5});
  EXPECT_THAT(refused(model),
              HasSubstr("'fraction_Ni': the structure has two substitutions by Ni"));
  model.structure.substitutions.clear();
  EXPECT_THAT(refused(model), HasSubstr("'fraction_Ni': the structure has no substitution by Ni"));
  EXPECT_EQ(record::smallest_step(model, model.free.back()), 0);
}

/// Ions of which iodide and bromide have these charges, e.
std::string of_charges(double iodide, double bromide) {
  Potential potential;
  potential.name = "X";
  potential.elements = {"Pb", "Cs", "I", "Br"};
  for (const std::string& element : potential.elements)
    potential.types.push_back({element, element, {}});
  potential.charges = {{"Pb", 2.03}, {"Cs", 1.36}, {"I", iodide}, {"Br", bromide}};
  auto structure = cubic_cspbi3(6.29, 2);
  structure.substitutions = {{"I", "Br", 0.5}};
  const atoms::Frame ideal = atoms::build_crystal(structure);
  return refusal_of([&] {
    static_cast<void>(make_substitutions({potential, atoms::elements(structure), ideal},
                                         structure.substitutions, 1));
  });
}

TEST(Substitutions, KeepTheCrystalsCharge) {
  EXPECT_EQ(of_charges(-1.13, -1.13), "(nothing was thrown)");
  EXPECT_THAT(of_charges(-1.13, -1.03),
              HasSubstr("I by Br: each I has -1.13 e and each Br -1.03 e: the crystal would have "
                        "1.20 e; expected a potential in which they have the same"));
}

TEST(Substitutions, RefuseWhatCannotBe) {
  record::Model model = copper_nickel(0.5);
  const auto with = [&](const std::vector<record::Substitution>& all) {
    model.structure.substitutions = all;
    return refused(model);
  };
  EXPECT_THAT(with({{"Ag", "Ni", 0.5}}), HasSubstr("the structure has no Ag"));
  EXPECT_THAT(with({{"Cu", "Cu", 0.5}}), HasSubstr("is what is there already"));
  EXPECT_THAT(with({{"Cu", "Ni", 1.1}}), HasSubstr("fraction 1.1; expected 0 to 1"));
  EXPECT_THAT(with({{"Cu", "Ni", 0.1}, {"Cu", "Ag", 0.1}}), HasSubstr("are given twice"));
  // Also of a fraction that is no atom yet: a search would run into it.
  EXPECT_THAT(with({{"Cu", "Ag", 0}}),
              HasSubstr("Cu by Ag: potential CuNi is of Cu, Ni; expected one that is of Ag too"));
  model = mapbi3_model();
  EXPECT_THAT(with({{"N", "C", 0.5}}), HasSubstr("N is in molecules"));
}

TEST(Substitutions, OfAnotherCompositionAreAnotherEnsemble) {
  const std::string key = key_of(make_plan(copper_nickel(0.25)));
  EXPECT_EQ(key_of(make_plan(copper_nickel(0.2501))), key);  // the same atoms
  EXPECT_NE(key_of(make_plan(copper_nickel(0.255))), key);
  EXPECT_NE(key_of(make_plan(copper_nickel(0))), key);
  record::Model model = copper_nickel(0.25);
  model.structure.arrangement = 2;
  EXPECT_NE(key_of(make_plan(model)), key);
  // Where one ended the other may begin, as on the same sites it does.
  EXPECT_EQ(kin_of(make_plan(copper_nickel(0.25))), kin_of(make_plan(copper_nickel(0.5))));
  EXPECT_NE(kin_of(make_plan(copper_nickel(0.25, 3))), kin_of(make_plan(copper_nickel(0.25))));
  // Nor is nickel copper where nothing else differs.
  EXPECT_NE(key_of(make_plan(copper_nickel(0))), key_of(make_plan(copper_nickel(1))));
}

TEST(Substitutions, OfCornersLeaveOctahedraWhole) {
  auto structure = cubic_cspbi3(6.29, 4);
  structure.substitutions = {{"I", "Br", 0.5}};
  atoms::Frame ideal = atoms::build_crystal(structure);
  const std::vector<int> sites = ideal.species;
  ideal.species =
      make_substitutions({{}, atoms::elements(structure), ideal}, structure.substitutions, 1)
          .species;
  const Octahedra octahedra(ideal, sites);
  ASSERT_TRUE(octahedra.network());
  EXPECT_EQ(octahedra.network()->octahedra.size(), 64U);
  int at_bromide = 0, at_iodide = 0;
  for (const FollowedAngle& angle : octahedra.angles()) {
    at_iodide += angle.tip == 2;
    at_bromide += angle.tip == 3;
  }
  EXPECT_EQ(at_iodide, 1);
  EXPECT_EQ(at_bromide, 1);
}

}  // namespace
}  // namespace twin::md::substitutions_test
