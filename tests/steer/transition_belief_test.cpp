// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/transition_belief.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "steer/ramp.h"

using twin::steer::Normal;
using twin::steer::Ramp;
using twin::steer::TransitionBelief;

namespace transition_belief_test {

namespace {

const Normal place{600, 10}, width{7.5, 2.6};

double cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

TEST(TransitionBelief, IsThePriorAsLongAsNothingIsSeen) {
  const TransitionBelief belief({600, 10}, {8, 0});
  for (const double t : {580.0, 590.0, 596.0, 610.0})
    EXPECT_NEAR(belief.begun(t), cdf((t - 596) / 10), 2e-3) << t;
  EXPECT_NEAR(belief.onset_quantile(0.5), 596, 0.1);
  EXPECT_NEAR(belief.onset_quantile(0.975) - belief.onset_quantile(0.025), 2 * 19.6, 0.5);
}

TEST(TransitionBelief, CountsWhatIsUnderWayAndNotWhatIsOver) {
  const TransitionBelief belief({600, 1}, {8, 0});
  EXPECT_LT(belief.under_way(570, {580, 0}), 1e-6);
  EXPECT_GT(belief.under_way(580, {600, 0}), 0.99);
  EXPECT_GT(belief.under_way(600, {600, 0}), 0.99);
  EXPECT_LT(belief.under_way(610, {620, 0}), 1e-6);
  // Half of it where the end of the horizon is as uncertain.
  EXPECT_NEAR(belief.under_way(580, {596, 30}), 0.5, 0.02);
}

TEST(TransitionBelief, LearnsFromThePhaseThatWasMatched) {
  TransitionBelief belief(place, width);
  const double before = belief.under_way(600, {610, 0});
  belief.matched(600, false);
  EXPECT_GT(belief.under_way(600, {610, 0}), before + 0.1);
  EXPECT_GT(belief.onset_quantile(0.025), 590);
  belief.matched(590, false);  // says nothing more
  EXPECT_GT(belief.onset_quantile(0.025), 590);
  belief.matched(606, true);
  EXPECT_LT(belief.onset_quantile(0.975), 605);
  EXPECT_GT(belief.begun(606), 0.95);
}

TEST(TransitionBelief, LearnsFromTheWayThatWasGoneWhateverTheDrift) {
  std::mt19937_64 random(3);
  std::normal_distribution<> normal;
  for (const double drift : {0.0, 0.02}) {
    TransitionBelief belief(place, width);
    for (double t = 480; t < 590; ++t)
      belief.observe(t, -1 + drift * t + 0.1 * normal(random), 0.1);
    EXPECT_LT(belief.begun(585), 0.05);
    for (double t = 590; t < 592; t += 0.1) {  // half a way at 591
      const double c = 1 / (1 + std::exp(-std::log(81.0) * (t - 591) / 6));
      belief.observe(t, -1 + drift * t + 1.2 * c + 0.1 * normal(random), 0.1);
    }
    EXPECT_GT(belief.begun(591), 0.95);
    // That it is over already, a fifth short of what the twin says, is another way to see it.
    EXPECT_GT(belief.under_way(592, {592, 0}), 0.2);
    belief.forget_observations();
    EXPECT_NEAR(belief.onset_quantile(0.5), 596.25, 0.5);
  }
}

TEST(TransitionBelief, ScalesErrorsThatAreTooSmall) {
  std::mt19937_64 random(5);
  std::normal_distribution<> normal;
  TransitionBelief belief(place, width);
  for (double t = 480; t < 585; ++t) belief.observe(t, normal(random), 0.05);
  EXPECT_NEAR(belief.onset_quantile(0.5), 596.25, 2);
}

/// Errors that are a tenth of what they should be, about a transition that was seen.
TEST(TransitionBelief, ScalesErrorsAboutATransitionToo) {
  std::mt19937_64 random(9);
  std::normal_distribution<> normal;
  TransitionBelief belief(place, width);
  for (double t = 560; t < 605; t += 0.5) {
    const double c = 1 / (1 + std::exp(-std::log(81.0) * (t - 595) / 6));
    belief.observe(t, c + 0.2 * normal(random), 0.02);
  }
  EXPECT_LT(belief.onset_quantile(0.025), 592);
  EXPECT_GT(belief.onset_quantile(0.975), 592);
  EXPECT_GT(belief.begun(600), 0.9);
}

TEST(TransitionBelief, KnowsThatWhatHasBegunHasBegunWhateverIsAhead) {
  const TransitionBelief belief({600, 0.5}, {8, 0});
  EXPECT_GT(belief.under_way(598, {598, 10}), 0.95);
}

/// Transitions drawn from the prior itself, asked at random places: of what is said to come with
/// probability p, a share p does.
TEST(TransitionBelief, IsReliable) {
  std::mt19937_64 random(11);
  std::normal_distribution<> normal;
  std::uniform_real_distribution<> uniform;
  std::array<double, 5> said{}, came{}, count{};
  for (int seed = 0; seed < 400; ++seed) {
    const double at = 600 + 10 * normal(random), wide = 3 + 9 * uniform(random);
    TransitionBelief belief(place, width);
    const double sigma = 0.15;
    const double asked = 575 + 40 * uniform(random), ahead = asked + 15;
    for (double t = 540; t < asked; t += 1) {
      const double c = 1 / (1 + std::exp(-std::log(81.0) * (t - at) / wide));
      belief.observe(t, 0.3 + 0.001 * t + c + sigma * normal(random), sigma);
    }
    const double p = belief.under_way(asked, {ahead, 0});
    const auto bin = static_cast<std::size_t>(std::min(4.0, 5 * p));
    said[bin] += p;
    came[bin] += at - wide / 2 <= ahead && at + wide / 2 > asked ? 1 : 0;
    ++count[bin];
  }
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_GT(count[i], 10) << i;
    const double p = said[i] / count[i];
    EXPECT_NEAR(came[i] / count[i], p, 0.03 + 2.5 * std::sqrt(p * (1 - p) / count[i])) << i;
  }
}

TEST(Ramp, GoesOnAsItWent) {
  Ramp ramp(100);
  for (int i = 0; i < 4; ++i) ramp.add(i, 500 + i);
  EXPECT_FALSE(ramp.line().has_value());
  ramp.add(4, 504);
  const auto exact = ramp.line();
  ASSERT_TRUE(exact.has_value());
  EXPECT_NEAR(exact->in(10).mean, 514, 1e-9);
  EXPECT_NEAR(exact->in(10).sigma, 0, 1e-6);
  // An hour at rest: the ramp is forgotten.
  for (int i = 0; i < 360; ++i) ramp.add(10 + 10 * i, 504);
  EXPECT_NEAR(ramp.line()->rate, 0, 1e-12);
}

TEST(Ramp, KnowsHowWellItKnows) {
  std::mt19937_64 random(2);
  std::normal_distribution<> normal;
  int inside = 0;
  for (int seed = 0; seed < 400; ++seed) {
    Ramp ramp(1000);
    for (int i = 0; i < 20; ++i) ramp.add(10 * i, 500 + 0.1 * i + 0.5 * normal(random));
    const auto ahead = ramp.line()->in(100);
    inside += std::abs(ahead.mean - (500 + 0.1 * 29)) < 2 * ahead.sigma;
  }
  EXPECT_GT(inside, 360);
  EXPECT_LT(inside, 395);
}

TEST(Ramp, SaysNothingWhereAllIsOfOneTime) {
  Ramp ramp(10);
  for (int i = 0; i < 9; ++i) ramp.add(7, 500 + i);
  EXPECT_FALSE(ramp.line().has_value());
}

}  // namespace

}  // namespace transition_belief_test
