// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of curves of which there are none, and why; of curves that are mad.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "made_curves.h"
#include "steer/curve_scores.h"

using namespace twin;
using namespace twin::steer;

namespace curve_scores_none_test {
using namespace made_curves;

namespace {

/// Another quantity is watched beside the scores.
record::Policy policy_with_e0() {
  auto out = policy();
  out.watch.emplace_back("e0");
  return out;
}

TEST(CurveScores, OfCurvesThatAreAllAlikeAreNoneAndTheOthersGoOnBeingWatched) {
  Stream stream(9, policy_with_e0());
  const auto take = [&](bool alike, double e0) {
    auto one = stream.next();
    if (alike) std::ranges::fill(one.arrays["norm"].data, 1.0);
    one.quantities["e0"] = {e0 + 0.1 * stream.normal(stream.random), 0.1, {}, "eV", "", {}};
    stream.last = stream.take(one);
  };
  for (int k = 0; k < 12; ++k) take(true, 0);
  EXPECT_EQ(stream.state, Scored::State::learnt);
  for (int k = 0; k < 31; ++k) {
    take(true, 0);
    EXPECT_EQ(stream.state, Scored::State::none);
    EXPECT_NE(stream.why.find("no basis can be learnt from 12 curves"), stream.why.npos);
  }
  EXPECT_EQ(stream.events, std::vector<std::string>{"baseline"});
  for (int k = 0; k < 20 && stream.events.size() < 2; ++k) take(true, 1);
  ASSERT_EQ(stream.events.back(), "change");
  // Others can be learnt from, when that is over; a new baseline begins with the first score.
  for (int k = 0; k < 400 && stream.state != Scored::State::known; ++k) take(false, 1);
  EXPECT_EQ(stream.state, Scored::State::known);
  EXPECT_EQ(stream.gaps.back(), "the basis of scores is another: a new baseline");
}

TEST(CurveScores, WithoutWhatTheirMeanDriftsInAreNoneWithTheReason) {
  auto asked = policy();
  asked.baseline->drifts = true;
  asked.baseline->drift_in = "temperature";
  Stream stream(10, asked);
  for (int k = 0; k < 30; ++k) {
    stream.take(1);
    EXPECT_EQ(stream.state, Scored::State::none);
    EXPECT_EQ(stream.why, "no temperature, in which it drifts, or of another unit");
    EXPECT_FALSE(stream.last.quantities.contains("score:1"));
  }
}

TEST(CurveScores, AMadCurveIsToldAndNotLearntFrom) {
  Stream stream(11);
  stream.take(5);
  stream.take(1, 1e4);
  stream.take(7);
  EXPECT_NE(stream.why.find("one was far from all others: it is left out"), stream.why.npos);
  EXPECT_EQ(stream.state, Scored::State::learnt);
  stream.take(1);
  EXPECT_EQ(stream.state, Scored::State::known);
  const Eigen::MatrixXd before = stream.scores.running()->directions();
  stream.take(1);
  EXPECT_EQ(stream.why, "");
  EXPECT_NE(stream.scores.running()->directions(), before);
  const Eigen::MatrixXd now = stream.scores.running()->directions();
  stream.take(1, 1e4);
  EXPECT_NE(stream.why.find("norm is far from all before"), stream.why.npos) << stream.why;
  EXPECT_EQ(stream.scores.running()->directions(), now);
}

TEST(CurveScores, ThatAreTooLargeSaySo) {
  Stream stream(12);
  stream.take(40);
  auto large = stream.next();
  for (double& value : large.arrays["norm"].data) value = 1.7e308;
  (void)stream.take(large);
  EXPECT_EQ(stream.why, "norm is too large");
  const auto asked = policy(0);
  const Eigen::VectorXd energy = Eigen::VectorXd::LinSpaced(60, 100, 159);
  CurveScores scores(asked, TrainedBasis(energy, Eigen::MatrixXd::Ones(1, 60)), "x");
  record::Result matter;
  EXPECT_EQ(scores.add_to(matter, large, nullptr).why, "norm is too large");
  auto shorter = stream.next();
  for (const char* name : {"norm", "energy"}) shorter.arrays[name].data.resize(50);
  EXPECT_EQ(scores.add_to(matter, shorter, nullptr).why, "norm does not reach over the basis");
}

}  // namespace
}  // namespace curve_scores_none_test
