// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/vacancies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "core/error.h"
#include "cubic_cspbi3.h"
#include "md/copper.h"
#include "md/methylammonium.h"
#include "md/plan.h"

namespace twin::md::vacancies_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What is left of a model's crystal, as the ideal one counts its atoms.
std::vector<int> kept_of(const record::Model& model) {
  record::Model whole = model;
  whole.structure.vacancies.clear();
  const Plan plan = make_plan(whole);
  const System& system = plan.system;
  return make_vacancies({system.potential, system.species, system.ideal, system.topology},
                        model.structure.vacancies, model.structure.arrangement)
      .kept;
}

record::Model copper_with(double fraction) {
  record::Model model = copper_model();
  model.structure.vacancies = {{"Cu", fraction, "remove"}};
  return model;
}

record::Model cspbi3_with(const std::string& element, double fraction, const std::string& move) {
  record::Model model = copper_model();
  model.structure = cubic_cspbi3(6.29, 2);
  model.structure.vacancies = {{element, fraction, move}};
  model.temperature = 600;
  model.potentials = {"myp-cspbi3"};
  model.run.timestep_fs = 2;
  return model;
}

std::string refusal(const record::Model& model) {
  try {
    static_cast<void>(make_plan(model));
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    return error.what();
  }
  return "(nothing was thrown)";
}

int count(const Plan& plan, const std::string& element) {
  const auto at = std::ranges::find(plan.system.species, element) - plan.system.species.begin();
  return static_cast<int>(std::ranges::count(plan.system.ideal.species, static_cast<int>(at)));
}

double charge(const Plan& plan) {
  double total = 0;
  for (const int type : plan.system.topology.type)
    total += plan.system.potential.charges.at(
        plan.system.topology.types[static_cast<std::size_t>(type)]);
  return total;
}

TEST(Vacancies, AreWholeAtomsOfTheFractionAskedFor) {
  const Plan plan = make_plan(copper_with(0.05));
  EXPECT_EQ(plan.system.ideal.positions.rows(), 256 - 13);
  EXPECT_EQ(plan.system.topology.type.size(), 243U);
  EXPECT_DOUBLE_EQ(plan.made.at("vacancy_Cu"), 13.0 / 256);
  EXPECT_EQ(make_plan(copper_with(0.001)).system.ideal.positions.rows(), 256);
  EXPECT_EQ(make_plan(copper_with(0.001)).made.at("vacancy_Cu"), 0);
}

TEST(Vacancies, OfASmallFractionAreAmongThoseOfALargerOne) {
  for (const auto& [element, move] :
       {std::pair("I", "remove-pair"), std::pair("Pb", "remove-unit")}) {
    std::vector<int> before = kept_of(cspbi3_with(element, 0.0, move));
    EXPECT_EQ(before.size(), 40U);
    for (const double fraction : {0.05, 0.125, 0.2}) {
      const std::vector<int> now = kept_of(cspbi3_with(element, fraction, move));
      EXPECT_TRUE(std::ranges::includes(before, now)) << element << fraction;
      before = now;
    }
    EXPECT_LT(before.size(), 40U);
  }
}

TEST(Vacancies, DependOnTheArrangementAndNotOnTheSeed) {
  record::Model model = copper_with(0.05);
  const auto first = kept_of(model);
  model.seed = 77;
  EXPECT_EQ(kept_of(model), first);
  model.structure.arrangement = 2;
  EXPECT_NE(kept_of(model), first);
}

TEST(Vacancies, AreSpreadOverTheCrystal) {
  // The mean place of what leaves, over arrangements: the middle of the cell to 4 standard errors.
  record::Model model = copper_with(0.05);
  const Plan whole = make_plan(copper_model());
  Eigen::RowVector3d sum = Eigen::RowVector3d::Zero();
  double left = 0;
  for (model.structure.arrangement = 1; model.structure.arrangement <= 50;
       ++model.structure.arrangement) {
    std::vector<int> gone(256);
    std::iota(gone.begin(), gone.end(), 0);
    for (const int atom : kept_of(model)) std::erase(gone, atom);
    for (const int atom : gone) sum += whole.system.ideal.positions.row(atom);
    left += static_cast<double>(gone.size());
  }
  const double edge = whole.system.ideal.cell(0, 0), middle = edge * (0.5 - 1.0 / 16);
  for (const double mean : (sum / left).eval())
    EXPECT_NEAR(mean, middle, 4 * edge / std::sqrt(12 * left));
}

TEST(Vacancies, LeaveAsPairsOfOppositeIons) {
  const Plan plan = make_plan(cspbi3_with("I", 0.1, "remove-pair"));
  EXPECT_EQ(count(plan, "I"), 24 - 2);
  EXPECT_EQ(count(plan, "Cs"), 8 - 2);  // +1.36, nearer to -1.13 than +2.03
  EXPECT_EQ(count(plan, "Pb"), 8);
  // Cs and I do not cancel: what is left is shared out, and said.
  EXPECT_NEAR(charge(plan), 0, 1e-9);
  EXPECT_THAT(plan.warnings,
              Contains(HasSubstr("-0.46 e in 2 moves; every atom has 0.013 e more")));
  EXPECT_NEAR(plan.system.potential.charges.at("Pb"), 2.03 + 0.46 / 36, 1e-9);
}

TEST(Vacancies, LeaveAsFormulaUnits) {
  const Plan plan = make_plan(cspbi3_with("I", 0.13, "remove-unit"));
  EXPECT_EQ(count(plan, "I"), 24 - 3);
  EXPECT_EQ(count(plan, "Cs"), 7);
  EXPECT_EQ(count(plan, "Pb"), 7);
  EXPECT_DOUBLE_EQ(plan.made.at("vacancy_I"), 0.125);
  EXPECT_EQ(plan.system.potential.charges.at("Pb"), 2.03);
}

TEST(Vacancies, TakeWholeMolecules) {
  record::Model model = mapbi3_model();
  model.structure.vacancies = {{"I", 0.05, "remove-pair"}};
  const Plan plan = make_plan(model);
  EXPECT_EQ(plan.system.ideal.positions.rows(), 96 - 1 - 8);
  EXPECT_EQ(plan.system.topology.molecules.size(), 7U);
  EXPECT_EQ(plan.system.topology.constraints, 42);
  EXPECT_NEAR(charge(plan), 0, 1e-9);
}

TEST(Vacancies, AreFreeParameters) {
  record::Model model = cspbi3_with("I", 0.02, "remove");
  model.free.push_back({"vacancy_I", 0.09, "", 0, 0.2, {}, {}, "remove-pair"});
  const Plan plan = make_plan(model);
  EXPECT_EQ(count(plan, "Cs"), 6);
  EXPECT_DOUBLE_EQ(plan.made.at("vacancy_I"), 2.0 / 24);
  EXPECT_DOUBLE_EQ(record::smallest_step(model, model.free.back()), 1.0 / 24);
  model.free.back().move = "remove-unit";
  EXPECT_DOUBLE_EQ(record::smallest_step(model, model.free.back()), 3.0 / 24);
  model.structure = copper_model().structure;
  model.free.back() = {"vacancy_Cu", 0.09, "", 0, 0.2, {}, {}, "remove"};
  EXPECT_DOUBLE_EQ(record::smallest_step(model, model.free.back()), 1.0 / 256);
}

TEST(Vacancies, RefuseWhatCannotBe) {
  EXPECT_THAT(refusal(cspbi3_with("I", 0.1, "remove")),
              HasSubstr("each has -1.13 e, which the crystal would lack; expected move"));
  EXPECT_THAT(refusal(cspbi3_with("Pb", 0.2, "remove-pair")),
              HasSubstr("no other ion has nearly its charge"));
  EXPECT_THAT(refusal(cspbi3_with("Br", 0.1, "remove-pair")), HasSubstr("the structure has none"));
  EXPECT_THAT(refusal(cspbi3_with("I", 0.3, "remove-pair")), HasSubstr("expected 0 to 0.25"));
  record::Model model = copper_with(0.05);
  model.structure.vacancies.front().move = "remove-pair";
  EXPECT_THAT(refusal(model), HasSubstr("the potential has no charges; expected remove"));
  model.structure.vacancies = {{"Cu", 0.1, "remove"}, {"Cu", 0.1, "remove"}};
  EXPECT_THAT(refusal(model), HasSubstr("given twice"));
}

TEST(Strain, StretchesEveryLength) {
  record::Model model = cspbi3_with("I", 0.0, "remove-pair");
  model.free.push_back({"strain", 0.01, "", -0.02, 0.02, {}, {}});
  const Plan plan = make_plan(model);
  EXPECT_NEAR(plan.structure.a, 6.29 * 1.01, 1e-12);
  EXPECT_NEAR(plan.system.ideal.cell(1, 1), 2 * 6.29 * 1.01, 1e-12);
  model.free.push_back({"a", 6.29, "Å", 6, 7, {}, {}});
  EXPECT_THAT(refusal(model), HasSubstr("is the same as a"));
  model.free.pop_back();
  model.pressure_bar = 0;
  EXPECT_THAT(refusal(model), HasSubstr("'strain': follows from the pressure"));
}

}  // namespace
}  // namespace twin::md::vacancies_test
