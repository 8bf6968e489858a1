// SPDX-License-Identifier: GPL-3.0-or-later
// Watch: when a change is over, and readings that can't be.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "noisy.h"
#include "steer/threshold.h"
#include "steer/watch.h"

using namespace twin;
using namespace twin::steer;

namespace watch_course_test {

namespace {

struct Seen {
  int changes = 0, ends = 0;
  long long over = 0;  // sample at which the first end is told
};

/// A logistic course of 30 σ, 100 samples from 10 to 90 %, its middle at sample 300.
double course(int k) { return 30 / (1 + std::exp(-4.394449 * (k - 300) / 100.0)); }

Seen watched(Drift drift, bool missing, unsigned seed) {
  Watch watch({50, drift, log_threshold({0.05, 500, false})});
  steer_made::Noisy noisy(seed, Eigen::MatrixXd::Identity(2, 2));
  Seen out;
  for (int k = 0; k < 600; ++k) {
    Sample sample = noisy.next();
    sample.value[0] += course(k);
    if (missing && k % 3 == 0) sample.value[1] = std::numeric_limits<double>::quiet_NaN();
    for (const auto& found : watch.add(sample)) {
      out.changes += static_cast<int>(found.what == Finding::What::change);
      if (found.what != Finding::What::end) continue;
      if (out.ends++ == 0) out.over = found.sample;
    }
  }
  return out;
}

TEST(Watch, TheTailOfASlowChangeIsNoOtherChange) {
  for (const auto drift : {Drift::none, Drift::linear})
    for (const bool missing : {false, true}) {
      int changes = 0, ends = 0;
      for (unsigned seed = 1; seed <= 2; ++seed) {
        const Seen seen = watched(drift, missing, seed);
        changes += seen.changes;
        ends += seen.ends;
        // 0.6 σ are left at sample 390, which twenty samples see.
        EXPECT_GT(seen.over, 390) << seed;
      }
      EXPECT_EQ(ends, 2) << static_cast<int>(drift) << missing;
      EXPECT_EQ(changes, 2) << static_cast<int>(drift) << missing;
    }
}

TEST(Watch, LivesThroughReadingsThatCanNotBe) {
  for (const auto drift : {Drift::none, Drift::linear})
    for (const double size : {1e12, 1e160, 1e300}) {
      Watch watch({50, drift, log_threshold({0.05, 500, false})});
      steer_made::Noisy noisy(4, Eigen::MatrixXd::Identity(2, 2));
      int before = 0, behind = 0;
      for (int k = 0; k < 330; ++k) {
        Sample sample = noisy.next();
        if (k == 120) sample.covariate = size;
        if (k == 130) sample.value.setConstant(-size);
        if (k == 140) {
          sample.value.setZero();
          sample.covariance /= size;
        }
        if (k >= 300) sample.value.array() += 8;
        ASSERT_NO_THROW({
          for (const auto& found : watch.add(sample))
            if (found.what == Finding::What::change) ++(k < 300 ? before : behind);
        }) << size;
      }
      EXPECT_EQ(before, 0) << size;
      EXPECT_EQ(behind, 1) << size;
    }
}

}  // namespace

}  // namespace watch_course_test
