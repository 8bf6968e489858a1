// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/fractions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "match/search.h"
#include "mixed.h"

using namespace twin;

namespace fractions_test {

using namespace mixed;

TEST(Fractions, OfExactDataAreExact) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  const auto model = model_of(phases);
  const auto at = found(phases, measured_at(phases, {0.35, 0.45, 0.2}), model);
  EXPECT_NEAR(at.at("fraction:p1"), 0.45, 1e-6);
  EXPECT_NEAR(at.at("fraction:p2"), 0.2, 1e-6);
}

TEST(Fractions, AreFoundWhereWhatIsFittedIsNotLinearInThem) {
  Phases phases{{{1, 9, 4}, {25, 1, 5}}, true};
  const auto model = model_of(phases);
  for (const double truth : {0.02, 0.3, 0.77, 0.99}) {
    phases.evaluations = 0;
    const auto at = found(phases, measured_at(phases, {1 - truth, truth}), model);
    EXPECT_NEAR(at.at("fraction:p1"), truth, 1e-4) << truth;
    EXPECT_LE(phases.evaluations, 60) << truth;
  }
}

TEST(Fractions, AreNeitherNegativeNorMoreThanOne) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  const auto model = model_of(phases);
  // Beyond the pure structure, beyond a pure phase, and beyond both phases without the structure.
  auto at = found(phases, measured_at(phases, {1.2, -0.1, -0.1}), model);
  EXPECT_NEAR(at.at("fraction:p1"), 0, 1e-6);
  EXPECT_NEAR(at.at("fraction:p2"), 0, 1e-6);
  at = found(phases, measured_at(phases, {-0.1, 1.2, -0.1}), model);
  EXPECT_NEAR(at.at("fraction:p1"), 1, 1e-5);
  at = found(phases, measured_at(phases, {-0.3, 0.65, 0.65}), model);
  EXPECT_NEAR(at.at("fraction:p1") + at.at("fraction:p2"), 1, 1e-5);
  EXPECT_GT(at.at("fraction:p1"), 0.2);
  // Not even by what rounding leaves, however sharp the data are.
  for (const double sigma : {1e-6, 1e-3, 1.0}) {
    auto sharp = measured_at(phases, {-0.3, 0.65, 0.65});
    for (auto& [name, quantity] : sharp.quantities) quantity.sigma = sigma;
    at = found(phases, sharp, model);
    EXPECT_LE(at.at("fraction:p1") + at.at("fraction:p2"), 1 + 1e-14) << sigma;
    EXPECT_GE(at.at("fraction:p1"), 0) << sigma;
  }
}

TEST(Fractions, KeepBoundsPriorsAndWhatIsFixed) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  auto model = model_of(phases);
  const auto measured = measured_at(phases, {0.3, 0.5, 0.2});
  model.free[0].upper = 0.4;
  model.free[1].lower = 0.1;
  auto at = found(phases, measured, model);
  EXPECT_NEAR(at.at("fraction:p1"), 0.4, 1e-5);
  EXPECT_GE(at.at("fraction:p2"), 0.1);
  // A prior as sharp as the data are: half-way, for a single phase and a single number.
  Phases two{{{1}, {2}}};
  auto plain = model_of(two);
  plain.free[0].prior_mean = 0.2;
  plain.free[0].prior_sigma = std::hypot(0.01, 1e-3);
  at = found(two, measured_at(two, {0.4, 0.6}), plain);
  EXPECT_NEAR(at.at("fraction:p1"), 0.4, 1e-5);
  // Fixed: the others share what it leaves.
  auto fixed = model_of(phases);
  fixed.phases[1].fraction = 0.2;
  fixed.free.pop_back();
  auto evaluate = [&](const match::Fractions& fractions) {
    auto out = evaluated(phases, fixed, fractions);
    out.jacobian = {{quantity(0), quantity(1), quantity(2)}, {"fraction:p1"}, {1, -1, 0.5}};
    return out;
  };
  at = match::best_fractions(measured, fixed, evaluate);
  ASSERT_EQ(at.size(), 1U);
  EXPECT_NEAR(at.at("fraction:p1"), 0.5, 1e-6);
  at = match::best_fractions(measured_at(phases, {-0.2, 1.0, 0.2}), fixed, evaluate);
  EXPECT_NEAR(at.at("fraction:p1"), 0.8, 1e-5);
}

TEST(Fractions, AreSharesWhereTheDataLieFarBeyond) {
  Phases one{{{1, 2, 3}, {2, 1, 3.5}}};
  for (const double sigma : {1e-6, 0.01, 1.0})
    for (const double truth : {1.0, 1.2, 1.5, 3.0}) {
      auto measured = measured_at(one, {1 - truth, truth});
      for (auto& [name, quantity] : measured.quantities) quantity.sigma = sigma;
      auto model = model_of(one);
      EXPECT_NEAR(found(one, measured, model).at("fraction:p1"), 1, 1e-6) << sigma << truth;
      model.free[0].value = 1.4;  // a start that is none
      EXPECT_NEAR(found(one, measured, model).at("fraction:p1"), 1, 1e-6) << sigma << truth;
    }
  Phases two{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  auto at = found(two, measured_at(two, {-1.5, 1.25, 1.25}), model_of(two));
  EXPECT_NEAR(at.at("fraction:p1") + at.at("fraction:p2"), 1, 1e-12);
  // No room but what the lower bound takes: 1 - 0.9 is less than 0.1 by rounding.
  auto full = model_of(two);
  full.phases[1].fraction = 0.9;
  full.free.pop_back();
  full.free[0].lower = 0.1;
  at = match::best_fractions(measured_at(two, {0, 0.3, 0.7}), full, [&](const auto& fractions) {
    auto out = evaluated(two, full, fractions);
    out.jacobian = {{quantity(0), quantity(1), quantity(2)}, {"fraction:p1"}, {1, -1, 0.5}};
    return out;
  });
  EXPECT_NEAR(at.at("fraction:p1"), 0.1, 1e-12);
}

TEST(Fractions, StayWhereNothingTellsOfThem) {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}}};
  auto model = model_of(phases);
  model.fit_to = {"sigma2:X-X.1"};
  EXPECT_EQ(found(phases, measured_at(phases, {0.5, 0.5}), model).at("fraction:p1"), 0.2);
  // Nothing is fitted to what has no derivative.
  model = model_of(phases);
  const auto at = match::best_fractions(measured_at(phases, {0.5, 0.5}), model, [&](const auto& f) {
    auto out = evaluated(phases, model, f);
    out.jacobian = {};
    return out;
  });
  EXPECT_EQ(at.at("fraction:p1"), 0.2);
}

/// The search of a mixture whose fractions are found anew of each run, to its end.
record::Verdict searched(Phases& phases, const record::Result& measured) {
  auto model = model_of(phases);
  model.budget = 8;
  for (const auto& name : model.fit_to) model.tolerance[name] = {0.1, "Å", false};
  for (;;) {
    const auto step = match::decide(measured, model);
    if (!step.next) return step.verdict;
    model = *step.next;
    match::Fractions fractions;
    for (const auto& free : model.free) fractions[free.name] = free.value;
    if (!step.as_asked) fractions = found(phases, measured, model);
    auto run = evaluated(phases, model, fractions);
    run.alternative = "one";
    run.seed = model.seed;
    run.confirmation = step.confirmation;
    model.history.push_back(run);
  }
}

TEST(Fractions, OfAPhaseThatIsNotThereMatchWhicheverIsTheModelsOwn) {
  const std::vector<double> there{1, 2, 3}, absent{2, 1, 3.5};
  for (const bool swapped : {false, true}) {
    Phases phases{{there, absent}};
    const auto measured = measured_at(phases, {1, 0});
    if (swapped) std::swap(phases.shown[0], phases.shown[1]);
    const auto verdict = searched(phases, measured);
    EXPECT_EQ(verdict.answer, record::Answer::match) << verdict.reason;
    EXPECT_EQ(verdict.run, 2) << swapped;
    EXPECT_THAT(verdict.reason,
                testing::HasSubstr(swapped ? "between 0.99 and 1.0" : "between 0.0 and 0.01"));
    EXPECT_THAT(verdict.unresolved, testing::IsEmpty());
  }
}

}  // namespace fractions_test
