// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/elsewhere.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "match/search.h"
#include "match/surrogate.h"
#include "toy.h"

using namespace twin;

namespace elsewhere_test {
namespace {

using record::Answer;
using testing::HasSubstr;

/// Two basins: a wave that repeats, and a slope that tells its turns apart.
record::Evaluation simulate(const record::Model& model) {
  std::mt19937_64 random(static_cast<std::uint64_t>(model.seed));
  std::normal_distribution<double> normal;
  record::Evaluation out;
  out.alternative = model.potential;
  out.seed = model.seed;
  const double t = model.free[0].value;
  out.parameters["t"] = t;
  out.quantities["wave"] = toy::quantity(std::sin(t) + 0.01 * normal(random), 0.01);
  out.quantities["slope"] = toy::quantity(0.05 * t + 0.004 * normal(random), 0.004);
  out.jacobian = {{"wave", "slope"}, {"t"}, {std::cos(t), 0.05}};
  return out;
}

record::Model model_from(double start) {
  record::Model model;
  model.potentials = {"wave"};
  model.potential = "wave";
  model.free.push_back({"t", start, "", 0.0, 12.0, {}, {}});
  model.fit_to = {"wave", "slope"};
  model.tolerance = {{"wave", {0.2, "", false}}, {"slope", {0.1, "", false}}};
  model.budget = 25;
  return model;
}

record::Result measured_at(double t) {
  record::Result out;
  out.quantities = {{"wave", toy::quantity(std::sin(t), 0.03)},
                    {"slope", toy::quantity(0.05 * t, 0.02)}};
  return out;
}

toy::Search search(const record::Result& measured, record::Model model) {
  for (int guard = 0; guard < 100; ++guard) {
    const auto step = match::decide(measured, model);
    if (!step.next) return {step.verdict, model};
    model = *step.next;
    auto run = simulate(model);
    run.confirmation = step.confirmation;
    model.history.push_back(run);
  }
  return {};
}

TEST(Elsewhere, ABasinThatDoesNotFitIsLeft) {
  int found = 0, matches = 0;
  for (int seed = 0; seed < 20; ++seed) {
    auto model = model_from(1.0 + 0.1 * seed);  // most of them lead to the wrong turn
    model.seed = 1 + 100000 * seed;
    const auto result = search(measured_at(8.2), model);
    // sin 7.5 = sin 8.2: the slope tells them apart by 1.7 standard errors only.
    found += std::abs(result.verdict.parameters.at("t").value.value() - 7.85) < 0.7;
    matches += result.verdict.answer == Answer::match;
    EXPECT_NE(result.verdict.answer, Answer::no_match) << result.verdict.reason;
    EXPECT_LE(result.model.history.size(), 25u);
  }
  EXPECT_GE(found, 19);
  EXPECT_GE(matches, 14);
}

TEST(Elsewhere, WhatNoPlaceFitsIsSaidAfterAFewLooks) {
  auto measured = measured_at(8.2);
  measured.quantities["slope"].value = 1.0;  // beyond the box
  const auto result = search(measured, model_from(2.0));
  EXPECT_EQ(result.verdict.answer, Answer::no_match) << result.verdict.reason;
  EXPECT_FALSE(result.verdict.adequate);
  EXPECT_LE(result.model.history.size(), 12u);
}

TEST(Elsewhere, TheSameRunsGiveTheSamePlace) {
  auto model = model_from(1.5);
  for (const double t : {1.5, 3.0, 6.0}) {
    model.free[0].value = t;
    model.history.push_back(simulate(model));
  }
  const auto look = [&] {
    const auto measured = measured_at(8.2);
    return match::most_promising(measured, model,
                                 match::survey(measured, model, match::trail_of(model, "wave")));
  };
  const auto place = look(), again = look();
  ASSERT_TRUE(place && again);
  EXPECT_EQ(place->parameters[0], again->parameters[0]);
  EXPECT_EQ(place->improvement, again->improvement);
  EXPECT_GE(place->parameters[0], 0.0);
  EXPECT_LE(place->parameters[0], 12.0);
}

TEST(Elsewhere, IsNowhereWithoutBounds) {
  auto model = model_from(1.5);
  model.history.push_back(simulate(model));
  model.free[0].lower = model.free[0].upper = 0;
  const auto measured = measured_at(8);
  const auto survey = match::survey(measured, model, match::trail_of(model, "wave"));
  EXPECT_FALSE(match::most_promising(measured, model, survey));
}

TEST(Surrogate, KnowsWhatItWasToldAndHowLittleItKnowsFarAway) {
  const int m = 9;
  Eigen::MatrixXd at(m, 1), values(m, 2);
  for (int i = 0; i < m; ++i) {
    at(i, 0) = 0.1 * i;
    values.row(i) << std::sin(6 * at(i, 0)), 3 - 2 * at(i, 0);
  }
  const match::Surrogate surrogate(at, values, Eigen::MatrixXd::Constant(m, 2, 1e-8),
                                   Eigen::VectorXd::Zero(2));
  const auto between = surrogate.predict(Eigen::VectorXd::Constant(1, 0.45));
  EXPECT_NEAR(between.mean[0], std::sin(2.7), 0.02);
  EXPECT_NEAR(between.mean[1], 2.1, 0.002);
  EXPECT_LT(std::abs(between.mean[0] - std::sin(2.7)), 4 * std::sqrt(between.variance[0]) + 1e-3);
  const auto far = surrogate.predict(Eigen::VectorXd::Constant(1, 2.5));
  EXPECT_GT(far.variance[0], 100 * between.variance[0]);
  EXPECT_NEAR(far.mean[1], -2, 3 * std::sqrt(far.variance[1]) + 0.05);
}

}  // namespace
}  // namespace elsewhere_test
