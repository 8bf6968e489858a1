// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/detector.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"
#include "steer/onset.h"

using namespace twin;
using namespace twin::steer;

namespace detector_test {

namespace {

White sample(const Eigen::VectorXd& y, double z = 0, double weight = 1) {
  return {y.array(), Eigen::ArrayXd::Constant(y.size(), weight),
          Eigen::ArrayXd::Constant(y.size(), z)};
}

std::vector<White> noise(int n, int d, unsigned seed, double slope = 0) {
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal;
  std::vector<White> out;
  for (int k = 0; k < n; ++k) {
    Eigen::VectorXd y(d);
    for (double& v : y) v = normal(random) + slope * k;
    out.push_back(sample(y, k));
  }
  return out;
}

/// A start at sample \p j of \p n is still there: of those 24 · 2^k old each 2^(k+1)-th is.
bool is_kept(Eigen::Index j, Eigen::Index n) {
  Eigen::Index stride = 1;
  while (n - 1 - j >= 24 * stride) stride *= 2;
  return (j + 1) % stride == 0;
}

/// The same sum by matrices: each start's regressor, projected off the null by least squares.
double by_definition(const std::vector<White>& all, std::size_t learnt, bool covariate) {
  const auto n = static_cast<Eigen::Index>(all.size()), d = all[0].y.size();
  Eigen::MatrixXd null = Eigen::MatrixXd::Ones(n, covariate ? 2 : 1), y(n, d);
  for (Eigen::Index k = 0; k < n; ++k) {
    y.row(k) = all[static_cast<std::size_t>(k)].y.matrix().transpose();
    if (covariate) null(k, 1) = all[static_cast<std::size_t>(k)].covariate[0];
  }
  const double taus[] = {0.25, 1, 8}, shares[] = {0.5, 0.3, 0.2};
  double sum = 0;
  for (auto j = static_cast<Eigen::Index>(learnt); j < n; ++j)
    for (const bool ramp : {false, true}) {
      if (!is_kept(j, n)) continue;
      Eigen::VectorXd g = Eigen::VectorXd::Zero(n);
      for (Eigen::Index k = j; k < n; ++k) g[k] = ramp ? static_cast<double>(k - j + 1) : 1.0;
      g -= null * null.colPivHouseholderQr().solve(g);
      for (int s = 0; s < 3; ++s) {
        const double tau = taus[s] * (ramp ? 0.0016 : 1), big = g.squaredNorm();
        const Eigen::VectorXd h = y.transpose() * g;
        const Eigen::ArrayXd e =
            (0.5 * h.array().square() * tau / (1 + tau * big)).exp() / std::sqrt(1 + tau * big);
        sum += (ramp ? 0.4 : 0.6) * shares[s] * (0.6 * e.prod() + 0.4 * e.mean());
      }
    }
  return std::log(sum);
}

TEST(Detector, IsTheSumOfTheLikelihoodRatiosOfItsStarts) {
  for (const int d : {1, 2, 3, 6, 9})
    for (const int n : {32, 200})  // all starts are kept, or thinned
      for (const bool covariate : {false, true}) {
        const auto all = noise(n, d, 5, covariate ? 0.3 : 0.0);
        Detector detector(d, covariate);
        Evidence last;
        for (std::size_t k = 0; k < all.size(); ++k)
          if (k < 10)
            detector.learn(all[k]);
          else
            last = detector.add(all[k]);
        EXPECT_NEAR(last.log_sum, by_definition(all, 10, covariate), 2e-5)
            << d << ' ' << n << ' ' << covariate;
      }
}

TEST(Detector, IsFiniteForErrorsOfAnySizeAndSeesOnBehind) {
  for (const int d : {1, 100})
    for (const double weight : {1e-300, 1e-12, 1e6, 1e12, 1e40}) {
      Detector detector(d, false);
      double before = 0;
      for (const auto& s : noise(300, d, 3)) before = detector.add(s).log_sum;
      ASSERT_TRUE(std::isfinite(before));
      ASSERT_NO_THROW((void)detector.add(sample(Eigen::VectorXd::Zero(d), 0, weight)))
          << d << ' ' << weight;
      double after = 0;
      for (const auto& s : noise(50, d, 4)) after = detector.add(s).log_sum;
      // A Whitener gives no more than 1e6.
      if (weight <= 1e6) {
        EXPECT_LT(after, before + 9) << d << ' ' << weight;
      }
      for (int k = 0; k < 30; ++k)
        after = detector.add(sample(Eigen::VectorXd::Constant(d, 30))).log_sum;
      EXPECT_GT(after, 100) << d << ' ' << weight;
    }
}

TEST(Detector, ALargeStepIsAStep) {
  for (const double size : {5.0, 30.0, 50.0, 200.0, 1e6}) {
    Detector detector(1, false);
    const auto all = noise(120, 1, 8);
    for (std::size_t k = 0; k < 50; ++k) detector.learn(all[k]);
    for (std::size_t k = 50; k < 120; ++k) (void)detector.add(all[k]);
    const auto found = detector.add(sample(Eigen::VectorXd::Constant(1, size)));
    EXPECT_GT(found.steps, 0.5) << size;
    EXPECT_GT(found.log_sum, std::min(9.0, size)) << size;
  }
}

TEST(Detector, DoesNotSeeTheMeanNorASlopeInTheCovariate) {
  auto all = noise(200, 2, 7);
  Detector plain(2, true), moved(2, true);
  for (std::size_t k = 0; k < all.size(); ++k) {
    auto other = all[k];
    other.y += 1e3 + 5.0 * static_cast<double>(k);
    if (k < 50) {
      plain.learn(all[k]);
      moved.learn(other);
    } else {
      EXPECT_NEAR(plain.add(all[k]).log_sum, moved.add(other).log_sum, 1e-4);
    }
  }
}

TEST(Detector, ASampleTwiceAsPreciseIsTwoSamples) {
  const auto all = noise(40, 2, 9);
  Detector once(2, false), twice(2, false);
  for (std::size_t k = 0; k < 20; ++k) {
    once.learn(sample(all[k].y.matrix(), 0, 2));
    twice.learn(all[k]);
    twice.learn(all[k]);
  }
  // One start in either: a step at the first sample behind the warm-up.
  const double a = once.add(all[20]).log_sum, b = twice.add(all[20]).log_sum;
  EXPECT_NEAR(a, b, 1e-12);
  EXPECT_NE(a, 0);
}

TEST(Detector, MissingCoordinatesCountNothing) {
  const auto all = noise(60, 3, 11);
  Detector three(3, false), two(2, false);
  for (std::size_t k = 0; k < all.size(); ++k) {
    White with = all[k];
    with.weight[2] = 0;
    with.y[2] = 1e6;
    const White without = sample(all[k].y.head(2).matrix());
    if (k < 20) {
      three.learn(with);
      two.learn(without);
      continue;
    }
    // The third coordinate's own e-value is 1: it dilutes the sparse mean, no more.
    const double a = three.add(with).log_sum, b = two.add(without).log_sum;
    EXPECT_TRUE(std::isfinite(a));
    EXPECT_NEAR(a, b, 0.5);
  }
}

TEST(Detector, FindsAStepAndARampAndTellsThemApart) {
  for (const bool ramp : {false, true}) {
    auto all = noise(400, 4, 13);
    for (std::size_t k = 200; k < all.size(); ++k)
      all[k].y[1] += ramp ? 0.02 * static_cast<double>(k - 199) : 2.0;
    Detector detector(4, false);
    Evidence last;
    for (std::size_t k = 0; k < 50; ++k) detector.learn(all[k]);
    std::size_t k = 50;
    for (; k < all.size() && last.log_sum < 9.2; ++k) last = detector.add(all[k]);
    EXPECT_GE(k, 200U);
    EXPECT_LT(k, ramp ? 320U : 240U);
    EXPECT_EQ(last.steps < 0.5, ramp);
  }
}

TEST(Detector, RefusesWhatIsNotFiniteOrOfAnotherSize) {
  Detector detector(2, false);
  EXPECT_THROW(detector.learn(sample(Eigen::VectorXd::Ones(3))), Error);
  EXPECT_THROW(detector.learn(sample(Eigen::Vector2d(1, std::nan("")))), Error);
  EXPECT_THROW(Detector(0, false), Error);
}

TEST(Onset, OfAClearStepIsItsSample) {
  auto all = noise(150, 3, 17);
  for (std::size_t k = 100; k < all.size(); ++k) all[k].y += 4;
  const Course course = course_of_change(all, 50, false);
  EXPECT_NEAR(course.onset.best, 100, 1);
  EXPECT_LE(course.onset.low, 100);
  EXPECT_GE(course.onset.high, 100);
  EXPECT_LT(course.onset.high - course.onset.low, 8);
  EXPECT_GT(course.ended, 0.95);
  EXPECT_NEAR(course.end.best, 100, 4);
}

TEST(Onset, OfASlowChangeIsItsKinkAndOfABentOneItsTenPercentPoint) {
  for (const bool bent : {false, true}) {
    auto all = noise(240, 6, 19);
    for (std::size_t k = 0; k < all.size(); ++k) {
      const double t = static_cast<double>(k);
      const double course = bent ? 1 / (1 + std::exp(-4.394 * (t - 130) / 60))
                                 : std::min(1.0, std::max(0.0, (t - 99) / 60));
      all[k].y[0] += 8 * course;
    }
    const Course course = course_of_change(all, 50, false);
    EXPECT_LE(course.onset.low, 100) << bent;
    EXPECT_GE(course.onset.high, 100) << bent;
    EXPECT_LT(course.onset.high - course.onset.low, 30) << bent;
    EXPECT_NEAR(course.end.best, 160, 15) << bent;
  }
}

TEST(Onset, WantsASampleAtWhichAChangeCanBegin) {
  const auto all = noise(20, 1, 23);
  EXPECT_THROW((void)course_of_change(all, 20, false), Error);
  EXPECT_THROW((void)course_of_change(all, 0, false), Error);
}

}  // namespace

}  // namespace detector_test
