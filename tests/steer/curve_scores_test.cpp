// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/curve_scores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/time.h"
#include "made_curves.h"

using namespace twin;
using namespace twin::steer;

namespace curve_scores_test {
using namespace made_curves;

namespace {

TEST(CurveScores, HaveAMethodAndNoValueWhileTheirBasisIsLearntAndTheBaselineBeginsBehind) {
  Stream stream(1);
  stream.take(12);
  EXPECT_FALSE(stream.known());
  EXPECT_EQ(stream.method(), "running basis 1");
  EXPECT_FALSE(stream.follow.informed());
  stream.take(1);
  EXPECT_TRUE(stream.known());
  EXPECT_TRUE(stream.follow.informed());
  EXPECT_FALSE(stream.last.quantities.at("score:1").sigma.has_value());
  stream.take(28);
  EXPECT_TRUE(stream.events.empty());
  stream.take(1);
  EXPECT_EQ(stream.events, std::vector<std::string>{"baseline"});
  EXPECT_TRUE(stream.gaps.empty());
}

TEST(CurveScores, StandStillWhileAChangeGoesOnAndAreLearntAnewBehindItFromWhatIsKnown) {
  Stream stream(2);
  stream.take(80);
  while (!stream.follow.in_change() && stream.k < 140) stream.take(1, 0.05);
  ASSERT_TRUE(stream.follow.in_change());
  const Eigen::MatrixXd before = stream.scores.running()->directions();
  // One curve, scored before and after some of the change.
  const auto fixed = stream.next(0.05);
  const auto of_it = [&] {
    record::Result matter;
    EXPECT_EQ(stream.scores.add_to(matter, fixed, &stream.follow).state, Scored::State::known);
    return std::pair(*matter.quantities.at("score:1").value,
                     *matter.quantities.at("score:rest").value);
  };
  const auto first = of_it();
  stream.take(5, 0.05);
  ASSERT_TRUE(stream.follow.in_change());
  EXPECT_EQ(stream.scores.running()->directions(), before);
  EXPECT_EQ(of_it(), first);
  EXPECT_EQ(stream.method(), "running basis 1");
  while (stream.follow.in_change() && stream.k < 400) stream.take(1, 0.05);
  ASSERT_EQ(stream.events.back(), "change-end");
  // A half of the baseline was behind the end already: more than is learnt from.
  stream.take(1, 0.05);
  EXPECT_EQ(stream.method(), "running basis 2");
  EXPECT_TRUE(stream.known());
  EXPECT_EQ(stream.gaps.back(), "the basis of scores is another: a new baseline");
  const auto baselines = [&] { return std::ranges::count(stream.events, "baseline"); };
  EXPECT_EQ(baselines(), 1);
  stream.take(29, 0.05);
  EXPECT_EQ(baselines(), 2);
  // What it has become is what is expected now.
  const auto changes = std::ranges::count(stream.events, "change");
  stream.take(40, 0.05);
  EXPECT_EQ(std::ranges::count(stream.events, "change"), changes);
}

TEST(CurveScores, OfAChangeThatNeverEndsAreLearntAnewAndItIsNotTakenForOver) {
  Stream stream(8);
  stream.take(60);
  const auto goes_on = [&] { return std::ranges::count(stream.events, "change-goes-on"); };
  for (int i = 1; i < 1200 && goes_on() == 0; ++i) stream.take(1, 0.003 * i);
  ASSERT_EQ(goes_on(), 1);
  EXPECT_FALSE(stream.follow.in_change());
  stream.take(12, 4);
  EXPECT_FALSE(stream.known());
  EXPECT_TRUE(stream.follow.changing());
  stream.take(31, 4);
  EXPECT_EQ(stream.method(), "running basis 2");
  EXPECT_TRUE(stream.follow.changing());
  stream.take(60, 4);
  EXPECT_FALSE(stream.follow.changing());
}

TEST(CurveScores, OfAnotherSetUpAreNoneUntilItIsKnown) {
  Stream stream(3);
  stream.take(60);
  for (int i = 0; i < 12; ++i) {
    auto other = stream.next(0.3);
    other.context.setup = "B";
    stream.last = stream.take(other);
    EXPECT_FALSE(stream.known());
    EXPECT_EQ(stream.method(), "running basis 2");
  }
  EXPECT_EQ(stream.gaps,
            (std::vector<std::string>{"the set-up is another: a new mean is learnt",
                                      "the basis of scores is another: a new baseline"}));
  auto next = stream.next(0.3);
  next.context.setup = "B";
  stream.last = stream.take(next);
  EXPECT_TRUE(stream.known());
}

TEST(CurveScores, ALossOfBeamBeginsAnotherBasisAndTheFirstScanBehindItIsNoneOfIt) {
  Stream stream(4);
  stream.take(60);
  for (const char* what : {"no-beam", "beam-back"}) {
    record::Event event;
    event.what = what;
    stream.follow.take(event);
    stream.scores.hear(stream.follow);
  }
  stream.take(13);
  EXPECT_FALSE(stream.known());
  stream.take(1);
  EXPECT_TRUE(stream.known());
  EXPECT_EQ(stream.method(), "running basis 2");
}

TEST(CurveScores, WhatIsNoSampleIsNotLearntFrom) {
  Stream stream(5);
  stream.take(40);
  const Eigen::MatrixXd before = stream.scores.running()->directions();
  auto partial = stream.next(1);
  partial.status = record::Completeness::partial;
  (void)stream.take(partial);
  auto twice = stream.next(1);
  twice.header.id = "id7";
  (void)stream.take(twice);
  auto late = stream.next(1);
  late.header.time = utc_of(1.7e9);
  (void)stream.take(late);
  auto stopped = stream.next(1);
  stopped.converged = false;
  EXPECT_FALSE(stream.take(stopped).quantities.contains("score:1"));
  EXPECT_EQ(stream.state, Scored::State::none);
  EXPECT_EQ(stream.why, "it did not converge");
  EXPECT_EQ(stream.scores.running()->directions(), before);
  EXPECT_EQ(stream.follow.samples(), 41);
}

TEST(CurveScores, OfACurveThatIsNotThereAreMissingWithTheReason) {
  Stream stream(6);
  stream.take(40);
  auto none = stream.next();
  none.arrays.erase("norm");
  EXPECT_FALSE(stream.take(none).quantities.contains("score:1"));
  EXPECT_EQ(stream.why, "no array norm; twin-extract gives it with --arrays all");
  auto hole = stream.next();
  hole.arrays["norm"].data[20] = NAN;
  EXPECT_FALSE(stream.take(hole).quantities.contains("score:1"));
  EXPECT_NE(stream.why.find("is no curve"), std::string::npos) << stream.why;
  auto shorter = stream.next();
  for (const char* name : {"norm", "energy"}) shorter.arrays[name].data.resize(50);
  EXPECT_FALSE(stream.take(shorter).quantities.contains("score:1"));
  EXPECT_EQ(stream.why, "norm does not reach over the range");
  stream.take(1);
  EXPECT_TRUE(stream.known());
  EXPECT_EQ(stream.why, "");
}

TEST(CurveScores, OfATrainedBasisHaveItsNameAndTheCurvesUnit) {
  const auto asked = policy(0);
  const Eigen::VectorXd energy = Eigen::VectorXd::LinSpaced(60, 100, 159);
  CurveScores scores(asked, TrainedBasis(energy, Eigen::MatrixXd::Ones(1, 60)), "0123456789ab");
  Stream stream(7);
  const auto whole = stream.next();
  record::Result matter;
  EXPECT_EQ(scores.add_to(matter, whole, nullptr).state, Scored::State::known);
  EXPECT_NEAR(matter.quantities.at("score:1").value.value(), 1, 0.01);
  EXPECT_NEAR(matter.quantities.at("score:rest").value.value(), 0.01, 0.004);
  EXPECT_EQ(matter.quantities.at("score:1").method, "basis 0123456789ab");
  EXPECT_FALSE(matter.quantities.at("score:1").sigma.has_value());
  auto more = policy(0);
  more.watch.emplace_back("score:2");
  EXPECT_THROW(CurveScores(more, TrainedBasis(energy, Eigen::MatrixXd::Ones(1, 60)), "x"), Error);
}

}  // namespace
}  // namespace curve_scores_test
