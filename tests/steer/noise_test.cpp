// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/noise.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "noisy.h"
#include "steer/watch.h"

using namespace twin;
using namespace twin::steer;

namespace noise_test {

using steer_made::Noisy;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Indices = std::vector<Eigen::Index>;

/// How many of so many streams without a change raise an alarm within 300 samples.
template <class Change>
int false_alarms(int streams, Eigen::Index d, double phi, Change change) {
  int out = 0;
  for (int stream = 0; stream < streams; ++stream) {
    Noisy noisy(static_cast<unsigned>(100 + stream), Eigen::MatrixXd::Identity(d, d), phi);
    Watch watch({});
    bool any = false;
    for (int k = 0; k < 350 && !any; ++k) {
      Sample s = noisy.next();
      change(k, s);
      for (const auto& found : watch.add(s)) any = any || found.what == Finding::What::change;
    }
    out += any ? 1 : 0;
  }
  return out;
}

TEST(Noise, OfQuantitiesThatFollowFromEachOtherCountsOneOnce) {
  for (const double sign : {1.0, -1.0}) {
    Noisy noisy(21, Eigen::Matrix2d::Identity());
    std::vector<Sample> samples;
    for (int k = 0; k < 60; ++k) {
      samples.push_back(noisy.next());
      samples.back().value[1] = sign * samples.back().value[0];
      samples.back().covariance(0, 1) = samples.back().covariance(1, 0) = sign;
    }
    const Noise noise = estimate_noise(samples, Drift::none);
    EXPECT_EQ(noise.order, Indices{0});
    EXPECT_EQ(noise.dependent, Indices{1});
    EXPECT_EQ(noise.factor.rows(), 1);
  }
}

TEST(Noise, OfThreeThatAddUpToOneLeavesOneOut) {
  Noisy noisy(22, Eigen::Matrix3d::Identity());
  std::vector<Sample> samples;
  for (int k = 0; k < 60; ++k) {
    Sample s = noisy.next();
    s.value[2] = 1 - s.value[0] - s.value[1];
    s.covariance << 1, 0, -1, 0, 1, -1, -1, -1, 2;
    samples.push_back(s);
  }
  const Noise noise = estimate_noise(samples, Drift::none);
  EXPECT_EQ(noise.order, (Indices{0, 1}));
  EXPECT_EQ(noise.dependent, Indices{2});
}

TEST(Noise, QuantitiesThatFollowFromEachOtherRaiseNoMoreFalseAlarms) {
  EXPECT_LE(false_alarms(40, 2, 0,
                         [](int, Sample& s) {
                           s.value[1] = -s.value[0];
                           s.covariance(0, 1) = s.covariance(1, 0) = -1;
                         }),
            2);
}

TEST(Noise, FindsTheAutocorrelationWhereSamplesAreMissing) {
  for (const bool gaps : {false, true}) {
    for (const int each : {2, 3}) {
      Noisy noisy(23, Eigen::Matrix2d::Identity(), 0.6);
      std::vector<Sample> samples;
      for (int k = 0; k < 1500; ++k) {
        Sample s = noisy.next();
        const bool missing = k % each == 1;
        // Either a sample without values, or none and a gap before the next.
        if (missing && !gaps) s.value.setConstant(nan);
        if (gaps && k % each == 2 % each) s.lag = 2;
        if (!missing || !gaps) samples.push_back(s);
      }
      Noise noise = estimate_noise(samples, Drift::none);
      EXPECT_NEAR(noise.phi_found, 0.6, 4 * noise.phi_sigma) << each << gaps;
      EXPECT_LT(noise.phi_sigma, 0.05) << each << gaps;
      noise.phi.setZero();
      refine_autocorrelation(noise, samples, Drift::none);
      EXPECT_NEAR(noise.phi_found, 0.6, 4 * noise.phi_sigma) << each << gaps;
      EXPECT_GT(noise.phi.minCoeff(), 0.5) << each << gaps;
    }
  }
}

TEST(Noise, AConstantQuantityIsLeftOutWhateverItStates) {
  for (const double sigma2 : {1.0, nan}) {
    Noisy noisy(24, Eigen::Matrix2d::Identity());
    std::vector<Sample> samples;
    for (int k = 0; k < 60; ++k) {
      samples.push_back(noisy.next());
      samples.back().value[0] = 7;
      samples.back().covariance(0, 0) = sigma2;
    }
    const Noise noise = estimate_noise(samples, Drift::none);
    EXPECT_EQ(noise.order, Indices{1});
    EXPECT_EQ(noise.constant, Indices{0});
    for (auto& s : samples) s.value.setConstant(7);
    EXPECT_THROW((void)estimate_noise(samples, Drift::none), Error);
  }
}

TEST(Noise, BelievesNoErrorsLessThanATenthOfTheStatedOnes) {
  Noisy noisy(25, Eigen::Matrix2d::Identity());
  std::vector<Sample> samples;
  for (int k = 0; k < 60; ++k) {
    samples.push_back(noisy.next());
    samples.back().value[0] *= 1e-5;
  }
  const Noise noise = estimate_noise(samples, Drift::none);
  EXPECT_DOUBLE_EQ(noise.scale[0], 0.01);
  EXPECT_TRUE(noise.factor.allFinite());
}

TEST(Noise, OfTwoQuantitiesThatAreNeverTogetherOneIsLeftOut) {
  Noisy noisy(26, Eigen::Matrix2d::Identity());
  std::vector<Sample> samples;
  for (int k = 0; k < 60; ++k) {
    samples.push_back(noisy.next());
    samples.back().value[k % 2] = nan;
  }
  const Noise noise = estimate_noise(samples, Drift::none);
  EXPECT_EQ(noise.order, Indices{0});
  EXPECT_EQ(noise.absent, Indices{1});
}

TEST(Whitener, OfErrorsThatJumpIsWhiteAndNoLargerThanItSays) {
  for (const double phi : {0.6, 0.93})
    for (const double times : {1.03, 1.7, 3.0}) {
      Noise noise;
      noise.order = {0};
      noise.center = Eigen::VectorXd::Zero(1);
      noise.claimed = noise.scale = Eigen::VectorXd::Ones(1);
      noise.factor = Eigen::MatrixXd::Ones(1, 1);
      noise.phi = Eigen::VectorXd::Constant(1, phi);
      Whitener whitener(noise);
      Noisy noisy(27, Eigen::MatrixXd::Identity(1, 1), phi);
      double squares = 0, lagged = 0, last = 0, n = 0, pairs = 0;
      for (int k = 0; k < 20000; ++k) {
        Sample s = noisy.next();
        const double by = k % 2 == 0 ? 1.0 : times;
        s.value *= by;
        s.covariance *= by * by;
        const White w = whitener(s);
        const double u = w.y[0] * std::sqrt(w.weight[0]);
        if (w.weight[0] > 0) ++n, squares += u * u;
        if (w.weight[0] > 0 && last != 0) ++pairs, lagged += u * last;
        if (w.weight[0] > 0) last = u;
      }
      EXPECT_LT(squares / n, 1 + 5 * std::sqrt(2.0 / n)) << phi << ' ' << times;
      EXPECT_NEAR(lagged / std::max(1.0, pairs), 0, 5 / std::sqrt(std::max(1.0, pairs)))
          << phi << ' ' << times;
      EXPECT_GT(n, 9000) << phi << ' ' << times;
    }
}

TEST(Noise, CorrelatedStreamsWithSamplesMissingAndErrorsThatVaryRaiseFewFalseAlarms) {
  // Of 40 streams of 300: the bound allows 3 % each; φ is known by its error only.
  EXPECT_LE(false_alarms(40, 2, 0.6,
                         [](int k, Sample& s) {
                           if (k % 3 == 1) s.value.setConstant(nan);
                           const double by = k % 2 == 0 ? 1 : 1.6;
                           s.value *= by;
                           s.covariance *= by * by;
                         }),
            5);
}

}  // namespace

}  // namespace noise_test
