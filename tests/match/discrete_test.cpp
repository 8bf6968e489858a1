// SPDX-License-Identifier: GPL-3.0-or-later
// What is no continuous parameter of one model: other structures, whole numbers of vacancies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "match/search.h"
#include "toy.h"

using namespace twin;

namespace discrete_test {
using record::Answer;
using testing::ElementsAre;

namespace {

/// The first shell of a metal whose sites are empty here and there: its motion grows with them.
record::Evaluation with_vacancies(const record::Model& model) {
  std::mt19937_64 random(static_cast<std::uint64_t>(model.seed));
  std::normal_distribution<double> normal;
  record::Evaluation out;
  out.alternative = model.potential;
  out.seed = model.seed;
  const double empty = std::round(model.free.at(0).value * 256) / 256;
  out.parameters["vacancy_Cu"] = empty;
  out.quantities[toy::n] = toy::quantity(12 * (1 - empty) + 0.003 * normal(random), 0.003);
  out.quantities[toy::sigma2] =
      toy::quantity(0.008 + 0.02 * empty + 2e-5 * normal(random), 2e-5, "Å²");
  return out;
}

record::Model empty_sites() {
  record::Model model;
  model.structure.element = "Cu";
  model.structure.a = 3.6;
  model.potentials = {"soft"};
  model.temperature = 300;
  model.free = {{"vacancy_Cu", 0.0, "", 0, 0.05, {}, {}, "remove"}};
  model.fit_to = {toy::n, toy::sigma2};
  model.tolerance[toy::n] = {0.3, "", false};
  model.tolerance[toy::sigma2] = {0.0008, "Å²", false};
  model.budget = 10;
  return model;
}

/// The search to its end: \p run is what is simulated for a proposal. \p model has the history.
template <typename Run>
record::Verdict searched(const record::Result& measured, record::Model& model, Run run) {
  record::Verdict verdict;
  for (int guard = 0; guard < 60; ++guard) {
    const auto step = match::decide(measured, model);
    verdict = step.verdict;
    if (!step.next) break;
    model = *step.next;
    auto evaluation = run(model);
    evaluation.confirmation = step.confirmation;
    model.history.push_back(evaluation);
  }
  return verdict;
}

}  // namespace

TEST(Discrete, VacanciesAreFoundByWholeAtoms) {
  const double truth = 8.0 / 256;
  record::Result measured;
  measured.quantities[toy::n] = toy::quantity(12 * (1 - truth) + 0.02, 0.06);
  measured.quantities[toy::sigma2] = toy::quantity(0.008 + 0.02 * truth, 1e-4, "Å²");
  record::Model model = empty_sites();
  const auto verdict = searched(measured, model, [](const record::Model& asked) {
    // What is proposed can be made: a whole number of atoms.
    const double atoms = asked.free.at(0).value * 256;
    EXPECT_NEAR(atoms, std::round(atoms), 1e-9);
    return with_vacancies(asked);
  });
  EXPECT_LE(model.history.size(), 20U);
  EXPECT_EQ(verdict.answer, Answer::match) << verdict.reason;
  EXPECT_NEAR(verdict.parameters.at("vacancy_Cu").value.value(), truth, 2.5 / 256);
  // The second run is there for a slope: it must differ from the first.
  EXPECT_GT(model.history.at(1).parameters.at("vacancy_Cu"), 0);
}

TEST(Discrete, AlternativesWithoutFreeParametersAreJudgedToo) {
  record::Result measured;
  measured.quantities[toy::r] = toy::quantity(2.55, 0.004, "Å");
  record::Model model;
  model.potentials = {"near", "far"};
  model.temperature = 300;
  model.hold_back = {toy::r};
  model.tolerance[toy::r] = {0.02, "Å", false};
  const auto verdict = searched(measured, model, [](const record::Model& asked) {
    record::Evaluation run;
    run.alternative = asked.potential;
    run.seed = asked.seed;
    run.quantities[toy::r] = toy::quantity(asked.potential == "near" ? 2.551 : 2.60, 0.001, "Å");
    return run;
  });
  EXPECT_LE(model.history.size(), 20U);
  EXPECT_EQ(verdict.answer, Answer::match) << verdict.reason;
  EXPECT_EQ(verdict.alternative, "near");
  ASSERT_EQ(verdict.standings.size(), 2U);
  EXPECT_EQ(verdict.standings[1].answer, Answer::no_match);
  EXPECT_LT(verdict.standings[1].log_odds, -10);
}

TEST(Discrete, StructuresAreJudgedAsPotentialsAre) {
  // Two structures, two potentials: what was measured is delta by the stiff potential.
  const auto metal_of = [](const record::Model& model) {
    toy::Metal metal;
    metal.stiffness = model.potential == "stiff" ? 1.3 : 1.0;
    return metal;
  };
  toy::Metal truth;
  truth.stiffness = 1.3;
  auto measured = toy::measure(truth, 3.611, 300, 1);
  record::Model model = toy::model_of(false);
  model.potentials = {"soft", "stiff"};
  model.structure.element = "Cu";
  model.structure.a = 3.6;
  model.alternatives = {{"delta", model.structure}};
  // A first shell that only delta has: 10 of 12 neighbours.
  const auto neighbours = [](const record::Model& of) {
    return of.alternative == "delta" ? 10 : 12;
  };
  measured.quantities[toy::n] = toy::quantity(10.1, 0.3);
  EXPECT_THAT(record::alternatives_of(model),
              ElementsAre("soft", "stiff", "delta:soft", "delta:stiff"));
  const auto verdict = searched(measured, model, [&](const record::Model& asked) {
    auto run = toy::simulate(metal_of(asked), asked);
    run.alternative = record::alternative_name(asked.alternative, asked.potential);
    run.quantities[toy::n].value = *run.quantities[toy::n].value - 12 + neighbours(asked);
    return run;
  });
  EXPECT_EQ(verdict.answer, Answer::match) << verdict.reason;
  EXPECT_EQ(verdict.alternative, "delta:stiff");
  ASSERT_EQ(verdict.standings.size(), 4U);
  EXPECT_EQ(verdict.standings[3].alternative, "delta:stiff");
  EXPECT_EQ(verdict.standings[3].log_odds, 0);
  for (int i = 0; i < 3; ++i)
    EXPECT_LT(verdict.standings[static_cast<std::size_t>(i)].log_odds, -3);
}

}  // namespace discrete_test
