// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of fractions of phases, which together are no more than all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cstdint>
#include <string>

#include "match/carry.h"
#include "match/compare.h"
#include "match/estimate.h"
#include "match/residual.h"
#include "match/search.h"
#include "match/trail.h"
#include "mixed.h"

using namespace twin;

namespace shares_test {

using namespace mixed;

/// Two phases beyond the sum by little, with errors that let them.
struct Edge {
  Phases phases{{{1, 2, 3}, {2, 1, 3.5}, {4, 2.5, 1}}};
  record::Model model = model_of(phases);
  record::Result measured = measured_at(phases, {-0.03, 0.515, 0.515});

  Edge() {
    for (auto& [name, quantity] : measured.quantities) quantity.sigma = 0.06;
  }
  [[nodiscard]] record::Evaluation run(double one, double two) {
    return evaluated(phases, model, {{"fraction:p1", one}, {"fraction:p2", two}});
  }
};

TEST(StepOfFractions, IsTheBestOfThoseThatLeaveNothingNegative) {
  Edge edge;
  const auto run = edge.run(0.3, 0.6);
  const auto d = match::difference(edge.measured, run, edge.model, edge.model.fit_to);
  const auto jacobian = *match::jacobian_of(run.jacobian, edge.model.fit_to, edge.model);
  const Eigen::Vector2d at(0.3, 0.6);
  const Eigen::MatrixXd v = d.covariance();
  const auto taken = match::propose(at, d.residual(), jacobian, v, edge.model, 1.0);
  EXPECT_LE((at + taken.step).sum(), 1 + 1e-9);
  const Eigen::MatrixXd a = match::information(jacobian, v, edge.model);
  const Eigen::VectorXd g = jacobian.transpose() * v.ldlt().solve(d.residual());
  double best = 0;
  for (double one = 0; one <= 1; one += 1e-3) {
    const Eigen::Vector2d step = Eigen::Vector2d(one, 1 - one) - at;
    best = std::max(best, 2 * g.dot(step) - step.dot(a * step));
  }
  EXPECT_GE(taken.decrease, best - 1e-9);
  EXPECT_NEAR(taken.decrease, best, 1e-3 * best);
  // From there nothing is left to gain.
  const Eigen::Vector2d end = at + taken.step;
  const auto there = edge.run(end[0], end[1]);
  const auto rest = match::difference(edge.measured, there, edge.model, edge.model.fit_to);
  EXPECT_LT(match::propose(end, rest.residual(), jacobian, v, edge.model, 1.0).decrease, 0.01);
}

TEST(StepOfFractions, SharesWhatFixedPhasesLeave) {
  Edge edge;
  edge.model.phases[1].fraction = 0.2;
  edge.model.free.pop_back();
  const Eigen::VectorXd at = Eigen::VectorXd::Constant(1, 0.5);
  const auto taken =
      match::propose(at, Eigen::VectorXd::Constant(1, 2.0), Eigen::MatrixXd::Ones(1, 1),
                     Eigen::MatrixXd::Ones(1, 1) * 1e-4, edge.model, 1.0);
  EXPECT_NEAR(taken.step[0], 0.3, 1e-9);
}

TEST(StepOfFractions, WhatNoneMayGainIsNotTakenFromChiSquared) {
  Edge edge;
  const auto chi2_at = [&](double one) {
    const auto run = edge.run(one, 1 - one);
    const auto d = match::difference(edge.measured, run, edge.model, edge.model.fit_to);
    return match::chi_squared(d.residual(), d.covariance());
  };
  double least = chi2_at(0);
  for (double one = 0; one <= 1; one += 1e-3) least = std::min(least, chi2_at(one));
  EXPECT_GT(least, 0.5);
  EXPECT_NEAR(match::compare(edge.measured, edge.run(0.5, 0.5), edge.model).chi2, least, 0.02);
}

TEST(StepOfFractions, ASearchAtTheSumEndsBeforeItsBudget) {
  Edge edge;
  edge.model.budget = 12;
  for (;;) {
    const auto step = match::decide(edge.measured, edge.model);
    if (!step.next) {
      EXPECT_LE(step.verdict.run, 5) << step.verdict.reason;
      EXPECT_THAT(step.verdict.reason, Not(testing::HasSubstr("budget")));
      break;
    }
    edge.model = *step.next;
    auto run = edge.run(edge.model.free[0].value, edge.model.free[1].value);
    run.alternative = "one";
    run.seed = edge.model.seed;
    run.confirmation = step.confirmation;
    edge.model.history.push_back(run);
  }
}

TEST(StepOfFractions, WithoutASlopeLooksToTheSideThatIsThere) {
  Edge edge;
  edge.model.phases[1].fraction = 0.2;
  edge.model.free.pop_back();
  edge.model.free[0].value = 0.8;
  auto run = evaluated(edge.phases, model_of(edge.phases), {{"fraction:p1", 0.8}});
  run.parameters.erase("fraction:p2");
  run.jacobian = {};
  run.alternative = "one";
  edge.model.history = {run};
  const auto step = match::decide(edge.measured, edge.model);
  ASSERT_TRUE(step.next);
  EXPECT_NEAR(step.next->free[0].value, 0.78, 1e-9);
}

TEST(StepOfFractions, WhatIsBelievedOfThemIsAMixture) {
  Edge edge;
  const auto belief = match::learned(edge.measured, edge.model, edge.run(0.5, 0.45));
  EXPECT_LE(belief.parameters.at("fraction:p1").mean + belief.parameters.at("fraction:p2").mean,
            1 + 1e-9);
  match::Belief sure;
  for (const char* name : {"fraction:p1", "fraction:p2"}) sure.parameters[name] = {0.7, 0.01};
  const auto next = match::carried(edge.model, sure);
  EXPECT_GE(record::shares_of(next).front(), -1e-12);
  EXPECT_EQ(next.free[0].prior_mean, next.free[0].value);
  EXPECT_NEAR(next.free[1].value, 0.5, 1e-3);
}

TEST(Shares, ThatComeToBeNothingAreNoRunAtABound) {
  Edge edge;
  edge.model.free.push_back({"strain", 0.01, "", -0.02, 0.02, {}, {}});
  const auto run = [&](double one, double strain, std::int64_t seed) {
    auto out = edge.run(one, 0.2);
    out.alternative = "one";
    out.parameters["strain"] = strain;
    out.seed = seed;
    return out;
  };
  edge.model.history = {run(0.1, 0.01, 1), run(0.1, 0.01, 2), run(0, 0.01, 3)};
  auto trail = match::trail_of(edge.model, "one");
  EXPECT_TRUE(trail.runs.at(1).confirmation);
  EXPECT_EQ(trail.runs.size(), 3U);
  EXPECT_THAT(trail.at_bounds, testing::IsEmpty());
  // Another parameter that is tried at its own, while a phase is nothing.
  edge.model.history = {run(0, 0.01, 1), run(0, 0.01, 2), run(0, -0.02, 3)};
  trail = match::trail_of(edge.model, "one");
  ASSERT_EQ(trail.at_bounds.size(), 1U);
  EXPECT_EQ(match::bound_parameter(trail.at_bounds[0], edge.model), 2U);
}

}  // namespace shares_test
