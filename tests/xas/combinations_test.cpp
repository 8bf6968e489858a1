// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/combinations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "message_of.h"
#include "xas/xanes_curves.h"

namespace twin::xas::combinations_test {
namespace {

using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<LcfStandard> four() {
  const VectorXd e = xanes::grid();
  return {{"one", e, xanes::curve(e, xanes::first())},
          {"two", e, xanes::curve(e, xanes::second())},
          {"three", e, xanes::curve(e, xanes::third())},
          {"four", e, xanes::curve(e, {.edge = -1.5, .line = 0.4, .width = 1.5, .period = 40})}};
}

VectorXd noisy_mixture(std::mt19937_64& random) {
  const VectorXd e = xanes::grid();
  const auto s = four();
  return 0.35 * s[0].norm + 0.65 * s[2].norm + xanes::noise(random, e.size(), 2e-3);
}

TEST(Combinations, FindTheSetThatWasMixed) {
  std::mt19937_64 random(1);
  int found = 0;
  for (int draw = 0; draw < 20; ++draw) {
    const auto all =
        fit_combinations(xanes::grid(), noisy_mixture(random), xanes::e0, four(), {}, 2e-3);
    ASSERT_EQ(all.size(), 15u);
    found += all.front().fit.names == std::vector<std::string>{"one", "three"};
  }
  EXPECT_GE(found, 17);  // BIC with 200 points adds a needless one in about 2 % each
}

TEST(Combinations, AreAllSetsOnceRankedWithWeightsThatAddToOne) {
  std::mt19937_64 random(2);
  record::LcfSettings settings;
  settings.largest = 2;
  const auto all =
      fit_combinations(xanes::grid(), noisy_mixture(random), xanes::e0, four(), settings, 2e-3);
  EXPECT_EQ(all.size(), 10u);
  std::set<std::vector<std::string>> names;
  double sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    names.insert(all[i].fit.names);
    sum += all[i].weight;
    if (i > 0) {
      EXPECT_LE(all[i - 1].criterion, all[i].criterion);
      EXPECT_NEAR(all[i].weight / all[0].weight,
                  std::exp(-0.5 * (all[i].criterion - all[0].criterion)), 1e-12);
    }
  }
  EXPECT_EQ(names.size(), 10u);
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Combinations, BayesAsksMoreOfAnotherStandardThanAkaike) {
  std::mt19937_64 random(3);
  const VectorXd y = noisy_mixture(random);
  record::LcfSettings settings;
  const auto weight_of_largest = [&](const char* criterion) {
    settings.criterion = criterion;
    double sum = 0;
    for (const auto& one : fit_combinations(xanes::grid(), y, xanes::e0, four(), settings, 2e-3))
      if (one.fit.names.size() > 2) sum += one.weight;
    return sum;
  };
  EXPECT_LT(weight_of_largest("bic"), weight_of_largest("aic"));
}

TEST(Combinations, RefuseWhatTheyDoNotKnow) {
  const VectorXd e = xanes::grid();
  record::LcfSettings settings;
  const auto refused = [&](auto standards) {
    return message_of(
        [&] {
          static_cast<void>(
              fit_combinations(e, VectorXd::Ones(e.size()), xanes::e0, standards, settings));
        },
        Cause::configuration);
  };
  EXPECT_THAT(refused(std::vector<LcfStandard>{}), HasSubstr("no standards"));
  settings.criterion = "dic";
  EXPECT_THAT(refused(four()), HasSubstr("unknown criterion dic"));
  settings.criterion = "bic";
  settings.largest = 0;
  EXPECT_THAT(refused(four()), HasSubstr("largest is 0"));
}

}  // namespace
}  // namespace twin::xas::combinations_test
