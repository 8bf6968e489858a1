// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/carry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "match/compare.h"
#include "toy.h"

using namespace twin;

namespace carry_test {
namespace {

using record::Answer;

const toy::Metal metal;

/// A series of records of a lattice, each predicted by what the ones before said.
struct Series {
  record::Model model = toy::model_of(false);
  match::Belief belief;
  std::int64_t seed = 1;
  std::vector<double> p;  ///< of the predictions
  int refused = 0, near = 0, records = 0;

  void take(double a) {
    record::Model predicted = match::carried(model, belief);
    predicted.seed = seed += 1000;
    predicted.potential = "soft";
    auto run = toy::simulate(metal, predicted);
    run.confirmation = true;
    const auto measured = toy::measure(metal, a, 300.0, static_cast<unsigned>(seed));
    const auto verdict = match::compare(measured, run, predicted);
    belief = match::learned(measured, predicted, run);
    const auto& known = belief.parameters.at("a");
    ++records;
    if (records < 10) return;
    p.push_back(verdict.p.value());
    refused += verdict.answer == Answer::no_match;
    near += std::abs(known.mean - a) < 2 * known.sigma;
  }
};

TEST(Carried, APredictionIsRightAsOftenAsItSays) {
  Series series;
  for (int i = 0; i < 1009; ++i) series.take(3.611 + 1e-6 * i);
  // What is believed is widened for a drift that is not there: p is a little higher than uniform.
  const double n = static_cast<double>(series.p.size());
  const auto below = [&](double limit) {
    return static_cast<double>(
               std::ranges::count_if(series.p, [&](double p) { return p < limit; })) /
           n;
  };
  EXPECT_LE(below(0.05), 0.07);  // 0.05 + 3 standard errors
  EXPECT_GE(below(0.05), 0.02);
  EXPECT_LE(below(0.5), 0.55);
  EXPECT_GE(below(0.5), 0.38);
  EXPECT_LE(series.refused, 25);  // p < 0.01, or one z beyond it
  EXPECT_GE(series.near, 930);
}

TEST(Carried, FollowsASlowDrift) {
  // A tenth of an error of one record each.
  Series series;
  for (int i = 0; i < 209; ++i) series.take(3.611 + 3e-4 * i);
  EXPECT_LE(series.refused, 6);
  EXPECT_GE(series.near, 170);
}

TEST(Carried, AJumpIsNotPredicted) {
  Series series;
  for (int i = 0; i < 30; ++i) series.take(3.611);
  const int before = series.refused;
  series.take(3.66);  // ten standard errors of the distance
  EXPECT_EQ(series.refused, before + 1);
}

TEST(Carried, NothingIsBelievedWiderThanTheModelsOwnPrior) {
  auto model = toy::model_of(false);
  model.free[0].prior_mean = 3.6;
  model.free[0].prior_sigma = 0.02;
  match::Belief belief;
  belief.parameters["a"] = {5.0, 1.0};
  const auto next = match::carried(model, belief);
  EXPECT_EQ(next.free[0].value, 3.9);  // its upper bound
  EXPECT_EQ(next.free[0].prior_sigma, 0.02);
  const auto other = match::carried(model, {});
  EXPECT_EQ(other.free[0].prior_mean, 3.6);
}

TEST(Carried, WithoutAJacobianNothingIsLearned) {
  auto plain = metal;
  plain.with_jacobian = false;
  auto model = toy::model_of(false);
  model.potential = "soft";
  const auto run = toy::simulate(plain, model);
  const auto belief = match::learned(toy::measure(metal, 3.611, 300, 1), model, run);
  EXPECT_EQ(belief.parameters.at("a").mean, 3.69);
  EXPECT_NEAR(belief.parameters.at("a").sigma, 0.5 / 3, 1e-12);
}

}  // namespace
}  // namespace carry_test
