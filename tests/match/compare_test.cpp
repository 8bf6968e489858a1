// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <array>
#include <cmath>
#include <random>

#include "bench.h"
#include "core/error.h"
#include "toy.h"

using namespace twin;

namespace compare_test {
using record::Answer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using toy::Bench;
using toy::quantity;

TEST(Compare, SumsTheSquaresOfIndependentDeviates) {
  const auto verdict = Bench({1.0, -0.5, 0.2}).verdict();
  EXPECT_NEAR(verdict.chi2_held_back, 1 + 0.25 + 0.04, 1e-12);
  EXPECT_EQ(verdict.dof_held_back, 3);
  EXPECT_FALSE(verdict.p);
  EXPECT_EQ(verdict.answer, Answer::match);
  EXPECT_DOUBLE_EQ(verdict.pairs.at(1).z, -0.5);  // simulated - measured
  // exp(-χ²/2) (…) of three degrees of freedom, by the closed form with erfc
  const double x = std::sqrt(1.29 / 2);
  EXPECT_NEAR(verdict.p_held_back.value(),
              std::erfc(x) + 2 / std::sqrt(std::acos(-1.0)) * x * std::exp(-x * x), 1e-12);
}

TEST(Compare, RotatedDataGiveTheSameChiSquared) {
  // r → Q r, V → Q V Qᵀ for a correlated V: the sum must not know about the axes.
  const double c = std::cos(0.7), s = std::sin(0.7);
  const Eigen::Matrix2d q{{c, -s}, {s, c}}, v{{1.0, 0.6}, {0.6, 2.0}};
  const auto chi2 = [&](const Eigen::Vector2d& r, const Eigen::Matrix2d& cov) {
    Bench bench({r[0], r[1]});
    bench.measured.covariance = {{"x0", "x1"}, {cov(0, 0), cov(0, 1), cov(1, 0), cov(1, 1)}};
    return bench.verdict().chi2_held_back;
  };
  const Eigen::Vector2d r(1.2, -0.4);
  EXPECT_NEAR(chi2(r, v), r.dot(v.ldlt().solve(r)), 1e-12);
  EXPECT_NEAR(chi2(q * r, q * v * q.transpose()), chi2(r, v), 1e-12);
}

TEST(Compare, AddsTheErrorsOfBothSidesAndTheModel) {
  Bench bench({1.0}, 3.0);
  bench.simulated.quantities["x0"].sigma = 4.0;
  bench.model.discrepancy["x0"] = {0.12, "", true};  // 12 % of 100
  const auto pair = bench.verdict().pairs.at(0);
  EXPECT_DOUBLE_EQ(pair.z, 1.0 / 13.0);  // 3, 4, 12
  EXPECT_DOUBLE_EQ(pair.sigma_random, 3.0);
  EXPECT_DOUBLE_EQ(pair.sigma_simulated, 4.0);
  EXPECT_DOUBLE_EQ(pair.sigma_model, 12.0);
}

TEST(Compare, OneExtractionsSystematicErrorCountsOnce) {
  Bench bench({1.0}, 3.0);
  bench.measured.quantities["x0"].sigma_sys = 2.0;
  bench.simulated.quantities["x0"].sigma_sys = 4.0;
  EXPECT_DOUBLE_EQ(bench.verdict().pairs.at(0).z, 1.0 / 5.0);
  EXPECT_DOUBLE_EQ(bench.verdict().pairs.at(0).sigma_systematic, 4.0);
  bench.simulated.quantities["x0"].sigma_sys = 1.0;
  EXPECT_DOUBLE_EQ(bench.verdict().pairs.at(0).z, 1.0 / std::sqrt(13.0));
}

TEST(Compare, CorrelationsOfTheSystematicErrorsSurviveTheLargerOne) {
  Bench bench({1.0, 1.0}, 0.0);
  bench.measured.covariance_sys = {{"x0", "x1"}, {1.0, 0.5, 0.5, 1.0}};
  bench.simulated.quantities["x0"].sigma_sys = 2.0;
  // V = [4 1; 1 1], det 3: χ² = (1 - 2 + 4) / 3
  EXPECT_NEAR(bench.verdict().chi2_held_back, 1.0, 1e-12);
}

TEST(Compare, TheTemperatureThatWasGivenIsUncertain) {
  Bench bench({1.0}, 0.0);
  bench.model.temperature = 295;
  bench.model.temperature_sigma = 1.0;
  bench.simulated.jacobian = {{"x0"}, {"temperature"}, {2.0}};
  EXPECT_DOUBLE_EQ(bench.verdict().pairs.at(0).z, 0.5);
  bench.model.temperature_from_measurement = true;
  bench.measured.context.environment["temperature"] = quantity(295, 3, "K");
  EXPECT_DOUBLE_EQ(bench.verdict().pairs.at(0).z, 1.0 / 6.0);
}

TEST(Compare, LargeErrorsNeverGiveAMatch) {
  for (const double sigma : {0.1, 0.3, 0.5, 0.7, 1.0, 10.0, 1e6}) {
    const auto verdict = Bench({0.0}, sigma, 1.0).verdict();
    EXPECT_EQ(verdict.answer == Answer::match, 1.645 * sigma <= 1.0) << sigma;
    EXPECT_NE(verdict.answer, Answer::no_match);
  }
}

TEST(Compare, WithoutAToleranceThereIsNoMatch) {
  Bench bench({0.0, 0.0});
  bench.model.tolerance.erase("x1");
  const auto verdict = bench.verdict();
  EXPECT_EQ(verdict.answer, Answer::inconclusive);
  EXPECT_THAT(verdict.reason, HasSubstr("no tolerance stated for x1"));
}

TEST(Compare, AnUnconfirmedAgreementIsNoMatch) {
  Bench bench({0.0});
  bench.simulated.confirmation = false;
  EXPECT_EQ(bench.verdict().answer, Answer::inconclusive);
  EXPECT_THAT(bench.verdict().reason, HasSubstr("to be confirmed"));
}

TEST(Compare, BeyondDoubtIsNamed) {
  const auto verdict = Bench({-4.6, 0.3}).verdict();
  EXPECT_EQ(verdict.answer, Answer::no_match);
  EXPECT_THAT(verdict.reason, HasSubstr("alternative: x0 simulated"));
  EXPECT_THAT(verdict.reason, HasSubstr("z -4.6"));
}

TEST(Compare, OneOfManyMayBeFarByChance) {
  // One |z| of 3.1 among 20: p(χ² = 9.6, 20) = 0.97, below Bonferroni's 3.5, yet above 3.
  std::vector<double> difference(20, 0.0);
  difference[7] = 3.1;
  EXPECT_EQ(Bench(difference).verdict().answer, Answer::inconclusive);
  difference[7] = 3.6;
  EXPECT_EQ(Bench(difference).verdict().answer, Answer::no_match);
}

TEST(Compare, WhatDoesNotPairIsSaidWhy) {
  Bench bench({0, 0, 0, 0, 0, 0, 0});
  bench.simulated.quantities["x1"].method = "rdf";
  bench.simulated.quantities["x2"].unit = "Å";
  bench.simulated.quantities.erase("x3");
  bench.measured.quantities.erase("x4");
  bench.measured.quantities["x5"].sigma.reset();
  bench.simulated.quantities["x6"].value = std::nan("");
  const auto verdict = bench.verdict();
  EXPECT_EQ(verdict.pairs.size(), 1u);
  EXPECT_THAT(
      verdict.unpaired,
      ElementsAre(HasSubstr("x1: measured by 'fit', simulated by 'rdf'"),
                  HasSubstr("x2: measured in '', simulated in 'Å'"), "x3: not simulated",
                  "x4: not measured", "x5: measured without an uncertainty", "x6: not simulated"));
  // What was asked for and could not be compared stands against a MATCH.
  EXPECT_EQ(verdict.answer, Answer::inconclusive);
}

TEST(Compare, OnlyWhatTheModelNamesIsJudged) {
  Bench bench({0.0});
  bench.measured.quantities["other"] = quantity(1, 0.1);
  bench.simulated.quantities["other"] = quantity(99, 0.1);
  EXPECT_EQ(bench.verdict().answer, Answer::match);
  EXPECT_THAT(bench.verdict().unpaired, IsEmpty());
}

TEST(Compare, NothingToCompareIsInconclusive) {
  EXPECT_EQ(Bench({}).verdict().answer, Answer::inconclusive);
  EXPECT_EQ(match::compare({}, {}, {}).answer, Answer::inconclusive);
}

TEST(Compare, OutOfEquilibriumNothingIsSaid) {
  for (const double difference : {0.0, 50.0}) {
    Bench bench({difference});
    bench.simulated.equilibrated = false;
    EXPECT_EQ(bench.verdict().answer, Answer::inconclusive);
    EXPECT_THAT(bench.verdict().reason, HasSubstr("equilibrium"));
  }
}

TEST(Compare, AsManyParametersAsDataCarryNoEvidence) {
  Bench bench({0.0});
  bench.model.fit_to = bench.model.hold_back;
  bench.model.hold_back.clear();
  bench.model.free.push_back({"a", 5, "", 0, 10, {}, {}});
  bench.simulated.parameters["a"] = 5;
  bench.simulated.jacobian = {{"x0"}, {"a"}, {1.0}};
  const auto verdict = bench.verdict();
  EXPECT_EQ(verdict.dof, 0);
  EXPECT_FALSE(verdict.p);
  EXPECT_EQ(verdict.answer, Answer::inconclusive);
  EXPECT_THAT(verdict.reason, HasSubstr("nothing is left to test"));
  EXPECT_NEAR(verdict.parameters.at("a").sigma.value(), 1.0, 0.01);  // and a range of 10
}

TEST(Compare, AFreeParameterIsMissingFromTheEvaluation) {
  Bench bench({0.0});
  bench.model.free.push_back({"a", 5, "", 0, 10, {}, {}});
  EXPECT_THROW(static_cast<void>(bench.verdict()), Error);
}

TEST(Compare, AModelThatHadToLeaveAMeasuredConditionIsNoMatch) {
  auto model = toy::model_of(true);
  model.tolerance["temperature"] = {30, "K", false};
  const toy::Metal metal{.noise_r = 0, .noise_sigma2 = 0, .jacobian_noise = 0};
  auto measured = toy::measure(metal, 3.611, 300, 1);
  measured.context.environment["temperature"] = quantity(295, 3, "K");
  for (const double t : {300.0, 345.0}) {
    auto here = model;
    here.potential = "Cu_stiff";
    here.free[0].value = 3.611;
    here.free[1].value = t;
    auto run = toy::simulate(metal, here);
    run.confirmation = true;
    for (const auto* name : {toy::r, toy::sigma2})  // the potential, not the fit, is at fault
      measured.quantities[name].value = run.quantities[name].value;
    const auto verdict = match::compare(measured, run, here);
    EXPECT_EQ(verdict.answer, t > 330 ? Answer::no_match : Answer::match) << verdict.reason;
    // σ(T)/T = σ(σ²)/σ² and what the lattice adds: 0.00028/0.0079 T = 11 K.
    EXPECT_NEAR(verdict.parameters.at("temperature").sigma.value(), 11, 2);
    if (t > 330) {
      EXPECT_THAT(verdict.reason, HasSubstr("Cu_stiff needs temperature 345("));
      EXPECT_THAT(verdict.reason, HasSubstr("measured 295(3) K"));
    }
  }
}

TEST(Compare, AnIntervalThatReachesItsBoundIsNotResolved) {
  auto model = toy::model_of(true);
  model.discrepancy[toy::sigma2] = {0.6, "", true};  // 100(60) K
  model.free[1].value = 100;
  model.free[0].value = 3.611;
  const toy::Metal metal{.jacobian_noise = 0};
  auto run = toy::simulate(metal, model);
  run.confirmation = true;
  const auto verdict = match::compare(toy::measure(metal, 3.611, 100, 1), run, model);
  EXPECT_THAT(verdict.unresolved, ElementsAre("temperature"));
  EXPECT_EQ(verdict.answer, Answer::inconclusive);
  EXPECT_THAT(verdict.reason, HasSubstr("interval reaches 1 K: not resolved"));
}

TEST(Compare, PriorsCountAsData) {
  Bench bench({0.0});
  bench.model.fit_to = bench.model.hold_back;
  bench.model.hold_back.clear();
  bench.model.free.push_back({"a", 5, "", 0, 100, 40.0, 2.0});
  bench.simulated.parameters["a"] = 46;
  bench.simulated.jacobian = {{"x0"}, {"a"}, {1.0}};
  const auto verdict = bench.verdict();
  // 9 where it ran; led to its minimum, a = 44.8, 1.2² of x0 and 2.4² of the prior.
  EXPECT_NEAR(verdict.chi2, 7.2, 0.01);
  EXPECT_EQ(verdict.dof, 1);
}

TEST(Compare, PIsUniformUnderTheNull) {
  // 2000 draws of four correlated quantities, two of them fitted by one parameter exactly as least
  // squares does: p of the fitted (dof 1) and of the held-back ones (with what the fit leaves
  // uncertain) must be uniform. χ² of ten bins has 9 degrees of freedom: 27.9 is its 99.9 %.
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  Eigen::Matrix4d root;
  root << 1, 0, 0, 0, 0.5, 1, 0, 0, 0.3, -0.4, 1, 0, 0.2, 0.1, 0.6, 1;
  const Eigen::Matrix4d v = root * root.transpose();
  const Eigen::Vector4d j(1.0, 0.5, 2.0, -1.0);
  Bench bench({0, 0, 0, 0});
  bench.model.fit_to = {"x0", "x1"};
  bench.model.hold_back = {"x2", "x3"};
  bench.model.free.push_back({"a", 0, "", -1e6, 1e6, {}, {}});
  bench.simulated.jacobian = {{"x0", "x1", "x2", "x3"}, {"a"}, {j[0], j[1], j[2], j[3]}};
  bench.measured.covariance.names = bench.simulated.jacobian.rows;
  for (int i = 0; i < 16; ++i) bench.measured.covariance.matrix.push_back(v(i / 4, i % 4));
  std::array<int, 10> fitted{}, held{};
  for (int draw = 0; draw < 2000; ++draw) {
    const Eigen::Vector4d y =
        root * Eigen::Vector4d(normal(random), normal(random), normal(random), normal(random));
    const Eigen::Vector2d weight = v.topLeftCorner<2, 2>().ldlt().solve(j.head<2>());
    const double a = weight.dot(y.head<2>()) / weight.dot(j.head<2>());
    bench.simulated.parameters["a"] = a;
    for (int i = 0; i < 4; ++i) {
      bench.measured.quantities["x" + std::to_string(i)].value = y[i];
      bench.simulated.quantities["x" + std::to_string(i)].value = j[i] * a;
    }
    const auto verdict = bench.verdict();
    ++fitted.at(static_cast<std::size_t>(std::min(9.0, 10 * verdict.p.value())));
    ++held.at(static_cast<std::size_t>(std::min(9.0, 10 * verdict.p_held_back.value())));
  }
  for (const auto& counts : {fitted, held}) {
    double chi2 = 0;
    for (const int count : counts) chi2 += std::pow(count - 200.0, 2) / 200.0;
    EXPECT_LT(chi2, 27.9);
  }
}

}  // namespace compare_test
