// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/early_warning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/time.h"
#include "noisy.h"
#include "steer/follow.h"

using namespace twin;
using namespace twin::steer;

namespace early_warning_test {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Noise unit_noise(Eigen::Index d) {
  Noise out;
  for (Eigen::Index i = 0; i < d; ++i) out.order.push_back(i);
  out.center = Eigen::VectorXd::Zero(d);
  out.claimed = out.scale = Eigen::VectorXd::Ones(d);
  out.factor = Eigen::MatrixXd::Identity(d, d);
  out.phi = Eigen::VectorXd::Constant(d, 0.3);
  return out;
}

/// An AR(1) process whose φ goes from .2 to \p last over the stream; innovations are alike, so that
/// its variance grows as well.
std::vector<Sample> slowing(unsigned seed, double last, int count) {
  steer_made::Noisy made(seed, Eigen::MatrixXd::Identity(2, 2));
  std::vector<Sample> out;
  Eigen::Vector2d x(0, 0);
  for (int k = 0; k < count; ++k) {
    Sample sample = made.next();
    const double phi = 0.2 + (last - 0.2) * k / count;
    x[0] = 0.2 * x[0] + sample.value[0];
    x[1] = phi * x[1] + sample.value[1];
    sample.value = x;
    out.push_back(sample);
  }
  return out;
}

TEST(EarlyWarning, TellsOfAQuantityThatSlowsDownAndOnce) {
  EarlyWarning early({100, 0.05, 500}, unit_noise(2));
  int told = 0;
  for (const auto& sample : slowing(3, 0.95, 1200))
    if (const auto found = early.add(sample, 10)) {
      ++told;
      EXPECT_EQ(found->coordinate, 1);
      EXPECT_GT(found->autocorrelation, found->autocorrelation_before);
      EXPECT_GT(found->variance, 1);
      EXPECT_GE(found->z, found->threshold);
    }
  EXPECT_EQ(told, 1);
}

TEST(EarlyWarning, SaysNothingOfTheSameNoiseATrendAScaleOrGaps) {
  int told = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    EarlyWarning early({100, 0.05, 500}, unit_noise(2));
    int k = 0;
    for (auto sample : slowing(seed, 0.2, 700)) {
      ++k;
      sample.value[1] += 0.01 * k;  // a drift is no fluctuation
      if (k > 300) {                // errors that are larger, and say so
        sample.value *= 3;
        sample.covariance *= 9;
      }
      if (k % 7 == 0) sample.value[0] = nan;
      told += static_cast<int>(early.add(sample, 10).has_value());
    }
  }
  EXPECT_LE(told, 4);  // 5 % of 20 are 1; 5 or more have a probability of 0.3 %
}

TEST(EarlyWarning, TheThresholdIsHigherForMoreCoordinatesAndFewerFalseOnes) {
  const auto threshold = [](Eigen::Index d, double at_most) {
    EarlyWarning early({60, at_most, 500}, unit_noise(d));
    // A stream that slows down so much that it is told in any case.
    Eigen::VectorXd x = Eigen::VectorXd::Zero(d);
    steer_made::Noisy made(5, Eigen::MatrixXd::Identity(d, d));
    for (int k = 0; k < 3000; ++k) {
      Sample sample = made.next();
      x = (k < 500 ? 0.0 : 0.97) * x + sample.value;
      sample.value = x;
      if (const auto found = early.add(sample, 10)) return found->threshold;
    }
    return nan;
  };
  EXPECT_NEAR(threshold(1, 0.05), 3.047, 0.001);  // 500/120 c N(c) + Q(c) = .05, solved elsewhere
  EXPECT_GT(threshold(4, 0.05), threshold(1, 0.05));
  EXPECT_GT(threshold(1, 0.001), threshold(1, 0.05));
}

TEST(EarlyWarning, IsAnEventOfAStreamAndGoesWithTheChangeThatIsFound) {
  record::Policy policy;
  policy.watch = {"r:Pb-I.1", "n:Pb-I.1"};
  policy.baseline = record::PolicyBaseline{.samples = 30, .drifts = true, .drift_in = ""};
  policy.early_warnings = record::PolicyWarnings{.window = 300};
  policy.per_samples = 1e4;
  const auto events_of = [&](bool step) {
    Follow follow(policy);
    std::vector<record::Event> out;
    int k = 0;
    for (const auto& sample : slowing(3, 0.97, 3000)) {
      record::Result result;
      result.header.id = "id" + std::to_string(k);
      result.header.time = utc_of(1.7e9 + 10 * k);
      result.context.scan = "s" + std::to_string(k);
      for (Eigen::Index i = 0; i < 2; ++i) {
        auto& q = result.quantities[policy.watch[static_cast<std::size_t>(i)]];
        q.value = sample.value[i] + (step && k >= 250 ? 100 : 0);
        q.sigma = 1.0;
      }
      ++k;
      for (const auto& found : follow.add(result))
        if (const auto* event = std::get_if<record::Event>(&found)) out.push_back(*event);
      if (!out.empty() && out.back().what == "early-warning") break;
    }
    return out;
  };
  const auto calm = events_of(false);
  const auto warned = std::ranges::find(calm, "early-warning", &record::Event::what);
  ASSERT_NE(warned, calm.end());
  EXPECT_NE(warned->text.find("n:Pb-I.1 fluctuates more"), std::string::npos) << warned->text;
  EXPECT_EQ(warned->header.from.size(), 1U);
  const auto* details = warned->header.extra.find("details");
  ASSERT_NE(details, nullptr);
  EXPECT_EQ(details->find("quantity")->string(), "n:Pb-I.1");
  // The step is found at once; the windows begin anew behind it, and nothing is said of it.
  const auto stepped = events_of(true);
  const auto change = std::ranges::find(stepped, "change", &record::Event::what);
  ASSERT_NE(change, stepped.end());
  EXPECT_EQ(change->header.extra.find("details")->find("sample")->number(), 250);
  int behind = 0;
  for (const auto& event : stepped) {
    if (event.what != "early-warning") continue;
    ++behind;
    EXPECT_GT(event.header.extra.find("details")->find("sample")->number(), 250 + 600);
  }
  EXPECT_GE(behind, 1);
}

TEST(EarlyWarning, AnotherIntervalBeginsAnew) {
  // Measured ten times as often, the same fluctuations are correlated from one to the next.
  const auto told = [](double interval_behind) {
    EarlyWarning early({100, 0.05, 500}, unit_noise(1));
    steer_made::Noisy made(9, Eigen::MatrixXd::Identity(1, 1));
    double x = 0;
    int out = 0;
    for (int k = 0; k < 1200; ++k) {
      const bool often = k >= 400;
      const double phi = often ? 0.8 : 0.1;
      Sample sample = made.next();
      x = phi * x + std::sqrt(1 - phi * phi) * sample.value[0];
      sample.value[0] = x;
      out += static_cast<int>(early.add(sample, often ? interval_behind : 30).has_value());
    }
    return out;
  };
  EXPECT_GE(told(30), 1);
  EXPECT_EQ(told(3), 0);
}

}  // namespace

}  // namespace early_warning_test
