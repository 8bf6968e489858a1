// SPDX-License-Identifier: GPL-3.0-or-later
// What priors do to errors where the model misses the data.
#include <gtest/gtest.h>

#include <cmath>

#include "xas/copper_series.h"

namespace twin::xas::fit_priors_test {
namespace {

// Data that the model misses, by a χ² of far above one.
FitData missed() {
  FitData out = copper("", 200, 0.001, 1e-3);
  for (Eigen::Index i = 0; i < out.chi.size(); ++i) {
    const double k = 0.05 * static_cast<double>(i);
    out.chi[i] += 0.05 * std::sin(2 * 2.2 * k + 1) * std::exp(-0.01 * k * k);
  }
  return out;
}

TEST(Priors, APriorThatSaysNothingChangesNothing) {
  const FitData data = missed();
  std::vector<record::FitParameter> shared = series();
  const Fit without = fit({data}, shared);
  ASSERT_GT(without.reduced_chi2, 20);
  const double total = std::sqrt(without.random(0, 0) + without.systematic(0, 0));
  shared[0].prior = record::Prior{without.values[0] + 20 * total, 1000 * total};
  const Fit with = fit({data}, shared);
  EXPECT_NEAR(with.reduced_chi2 / without.reduced_chi2, 1, 1e-3);
  EXPECT_NEAR(with.values[0], without.values[0], 1e-3 * total);
  for (Eigen::Index i = 0; i < without.values.size(); ++i) {
    EXPECT_NEAR(with.random(i, i) / without.random(i, i), 1, 1e-3);
    EXPECT_NEAR(with.systematic(i, i) / without.systematic(i, i), 1, 1e-3);
  }
}

TEST(Priors, NoErrorIsAboveThatOfItsPrior) {
  const FitData data = missed();
  std::vector<record::FitParameter> shared = series();
  const Fit without = fit({data}, shared);
  const double value = without.values[0];
  const double total = std::sqrt(without.random(0, 0) + without.systematic(0, 0));
  double least = 0;  // tight, the error is the prior's
  for (const double share : {1e-3, 0.01, 0.1, 0.3, 1.0, 3.0}) {
    const double sigma = share * total;
    shared[0].prior = record::Prior{value, sigma};
    const Fit with = fit({data}, shared);
    const double own = std::sqrt(with.random(0, 0) + with.systematic(0, 0));
    EXPECT_LE(own, sigma * 1.0001) << share;
    EXPECT_LE(own, total * 1.0001) << share;
    if (least == 0) least = own / sigma;
  }
  EXPECT_NEAR(least, 1, 1e-3);
}

}  // namespace
}  // namespace twin::xas::fit_priors_test
