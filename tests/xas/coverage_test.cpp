// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an interval of one standard error holds the truth as often as it says.
#include "xas/coverage.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twin::xas::coverage_test {
namespace {

class CoverageOf : public testing::TestWithParam<std::tuple<int, const char*>> {};

TEST_P(CoverageOf, RandomUncertaintiesIsThatOfNormalErrors) {
  record::FitSettings settings;
  settings.space = std::get<1>(GetParam());
  const Coverage out = coverage(synthetic(std::get<0>(GetParam()), settings), 2e-3, 300, 100);
  EXPECT_EQ(out.draws, 300);
  // 300 draws scatter by 2.7 % about 68.3 %: three of that, for any of some thirty numbers.
  for (Eigen::Index i = 0; i < out.share.size(); ++i) {
    EXPECT_NEAR(out.share[i], 0.683, 0.081) << out.names[static_cast<std::size_t>(i)];
    EXPECT_NEAR(out.bias[i], 0, 4 / std::sqrt(300)) << out.names[static_cast<std::size_t>(i)];
  }
  // In k there are more points than n_idp counts, so that freedom is reckoned short.
  const double n_idp = 1 + 2 * (std::get<0>(GetParam()) == 1 ? 1.7 : 2.5) * 9 / 3.14159265;
  const auto free = static_cast<double>(out.share.size());
  const double expected = settings.space == "k" ? n_idp * (1 - free / 180) / (n_idp - free) : 1;
  EXPECT_NEAR(out.chi2 / expected, 1, 0.15);
}

INSTANTIATE_TEST_SUITE_P(All, CoverageOf,
                         testing::Combine(testing::Values(1, 2), testing::Values("k", "r", "q")));

}  // namespace
}  // namespace twin::xas::coverage_test
