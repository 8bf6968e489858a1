// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/carry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

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
  double coarse = 1;      ///< the measurement's errors of r and σ² by what they usually are
  std::vector<double> p;  ///< of the predictions
  int refused = 0, near = 0, records = 0;

  void take(double a) {
    record::Model predicted = match::carried(model, belief);
    predicted.seed = seed += 1000;
    predicted.potential = "soft";
    auto run = toy::simulate(metal, predicted);
    run.confirmation = true;
    auto measured = toy::measure(metal, a, 300.0, static_cast<unsigned>(seed));
    for (const auto* name : {toy::r, toy::sigma2}) {
      auto& q = measured.quantities.at(name);
      const double truth = name == toy::r ? metal.distance(a, 300) : metal.motion(a, 300);
      q.value = truth + coarse * (*q.value - truth);
      q.sigma = coarse * *q.sigma;
    }
    const auto verdict = match::predicted(measured, run, predicted);
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

TEST(Carried, IsForgottenTowardsTheModelsOwnPrior) {
  auto model = toy::model_of(false);
  model.free[0].prior_mean = 3.6;
  model.free[0].prior_sigma = 0.02;
  match::Belief belief;
  belief.parameters["a"] = {3.7, 0.02};
  const auto next = match::carried(model, belief);
  EXPECT_NEAR(next.free[0].value, 3.6 + 0.1 * 2 / 3, 1e-12);
  EXPECT_NEAR(*next.free[0].prior_sigma, 0.02, 1e-12);
  belief.parameters["a"] = {5.0, 1.0};
  EXPECT_NEAR(match::carried(model, belief).free[0].value, 3.6, 0.01);
  const auto other = match::carried(model, {});
  EXPECT_EQ(other.free[0].prior_mean, 3.6);
}

TEST(Carried, APredictionIsRightAlsoWhenTheMeasurementImproves) {
  // Four records of large errors, then one of small ones: what the four leave open is no surprise.
  int refused = 0;
  for (int draw = 0; draw < 200; ++draw) {
    Series series;
    series.seed = 1 + 1000000 * draw;
    series.coarse = 10;
    for (int i = 0; i < 12; ++i) series.take(3.611);
    series.coarse = 1;
    const int before = series.refused;
    series.take(3.611);
    refused += series.refused - before;
  }
  EXPECT_LE(refused, 8);  // 1 % for p, 1 % for the largest z
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
