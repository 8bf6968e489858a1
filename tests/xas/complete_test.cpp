// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/complete.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "xas/oracle.h"
#include "xas/spectrum.h"

namespace twin::xas::complete_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Complete, AWholeScanIsWhole) {
  const auto [energy, mu] = spectrum::make();  // to 800 eV, k 14.5
  const Completeness found =
      completeness(energy, mu, spectrum::e0, {.norm2 = 790, .kmax = 14.4, .last = 9796});
  EXPECT_FALSE(found.partial);
  EXPECT_THAT(found.reasons, IsEmpty());
  EXPECT_EQ(found.sound, energy.size());
}

TEST(Complete, AScanThatEndsEarlyIsPartial) {
  const auto [energy, mu] = spectrum::make();
  const Index n = energy.size() - 60;
  const Completeness found = completeness(energy.head(n), mu.head(n), spectrum::e0,
                                          {.norm2 = 790, .kmax = 14.4, .last = 9796});
  EXPECT_TRUE(found.partial);
  EXPECT_EQ(found.sound, n);
  EXPECT_THAT(found.reasons, ElementsAre(HasSubstr("9796"), HasSubstr("790"), HasSubstr("14.4")));
  EXPECT_FALSE(completeness(energy.head(n), mu.head(n), spectrum::e0, {}).partial);
  EXPECT_FALSE(completeness(energy.head(n), mu.head(n), {}, {.kmax = 14.4}).partial);
}

TEST(Complete, DamagedRowsAreCutOff) {
  const auto [energy, mu] = spectrum::make();
  const Index n = energy.size();
  const auto with = [&, e = energy, m = mu](double last_energy, double last_mu) {
    VectorXd damaged = e, other = m;
    damaged[n - 1] = last_energy;
    other[n - 1] = last_mu;
    return completeness(damaged, other, {}, {});
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double last = energy[n - 1];
  for (const auto& found : {with(nan, 1), with(last, nan), with(0, 1), with(last - 100, 1),
                            with(last + 5000, mu[n - 1]), with(last, 40), with(last, -40)}) {
    EXPECT_TRUE(found.partial);
    EXPECT_EQ(found.sound, n - 1);
    EXPECT_EQ(found.reasons.size(), 1u);
  }
}

TEST(Complete, NothingIsPartial) {
  EXPECT_TRUE(completeness(VectorXd(), VectorXd(), {}, {}).partial);
  EXPECT_EQ(completeness(VectorXd::Zero(1), VectorXd::Zero(1), {}, {}).sound, 0);
  EXPECT_FALSE(completeness(VectorXd::Constant(1, 7000.0), VectorXd::Zero(1), {}, {}).partial);
}

TEST(Complete, NeedsAreThoseOfTheRecipe) {
  record::Recipe recipe;
  EXPECT_FALSE(needed_by(recipe).kmax || needed_by(recipe).norm2);
  recipe.autobk.kmax = 9;
  recipe.reduce.norm2 = 500;
  recipe.fit.kmax = 11;
  EXPECT_EQ(*needed_by(recipe).kmax, 9);
  recipe.paths.emplace_back();
  EXPECT_EQ(*needed_by(recipe).kmax, 11);
  EXPECT_EQ(*needed_by(recipe).norm2, 500);
}

TEST(Complete, MeasuredScansAreWhole) {
  SKIP_WITHOUT_ORACLE();
  for (const auto& [name, answer] : oracle::answers().at("spectra").items()) {
    const auto data = oracle::curve(name, "mu");
    const auto found = completeness(data.col(0), data.col(1), {}, {});
    EXPECT_FALSE(found.partial) << name << ": " << testing::PrintToString(found.reasons);
  }
}

}  // namespace
}  // namespace twin::xas::complete_test
