// SPDX-License-Identifier: GPL-3.0-or-later
// What an engine that reuses its runs answers; the real lmp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "md/copper.h"
#include "md/simulate.h"

namespace twin::md::reuse_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class Reuse : public ::testing::Test {
 protected:
  void SetUp() override {
    if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
    model = copper_model();
    model.structure.supercell = {3, 3, 3};
  }

  Outcome run(Engine& with) {
    frames = 0;
    weight = 0;
    return with.run(model,
                    [this](const Sample& sample) {
                      ++frames;
                      weight += sample.weight;
                    },
                    {});
  }

  static void expect_agreement(const Outcome& one, const Outcome& other) {
    for (const std::string name : {"r:Cu-Cu.1", "sigma2:Cu-Cu.1"}) {
      const auto &a = one.quantities.at(name), &b = other.quantities.at(name);
      EXPECT_NEAR(*a.value, *b.value, 4 * std::hypot(*a.sigma, *b.sigma)) << name;
    }
  }

  record::Model model;
  Engine warm{EngineSettings{.reuse = true}};
  Engine cold;
  int frames = 0;
  double weight = 0;
};

TEST_F(Reuse, TheSameModelIsAnsweredAtOnce) {
  const Outcome first = run(warm);
  ASSERT_TRUE(first.equilibrated) << first.missing;
  EXPECT_EQ(first.how, "run");
  EXPECT_EQ(first.start, "ideal");
  const Outcome again = run(warm);
  EXPECT_EQ(again.how, "reweighted");
  EXPECT_EQ(again.ensemble, first.ensemble);
  EXPECT_EQ(frames, 800);
  EXPECT_NEAR(weight, 800, 1e-9);
  for (const auto& [name, quantity] : first.quantities) {
    ASSERT_TRUE(again.quantities.contains(name)) << name;
    EXPECT_NEAR(*again.quantities.at(name).value, *quantity.value, 2e-6 + 1e-4 * *quantity.sigma)
        << name;
  }
}

TEST_F(Reuse, ANearTargetIsReweightedAndAgreesWithItsOwnRun) {
  (void)run(warm);
  model.temperature = 305;
  model.structure.a = 3.619;  // 0.1 %
  const Outcome near = run(warm);
  ASSERT_EQ(near.how, "reweighted") << ::testing::PrintToString(near.warnings);
  EXPECT_FALSE(near.quantities.contains("pressure"));
  model.seed = 9;
  const Outcome own = run(cold);
  expect_agreement(near, own);
  EXPECT_GT(*near.quantities.at("sigma2:Cu-Cu.1").sigma, 0);
}

TEST_F(Reuse, AFarTargetBeginsWhereTheNearestRunEnded) {
  (void)run(warm);
  model.temperature = 400;
  model.structure.a = 3.67;
  const Outcome far = run(warm);
  EXPECT_EQ(far.how, "run");
  EXPECT_EQ(far.start, "restart");
  EXPECT_THAT(far.warnings, Contains(HasSubstr("would be left")));
  EXPECT_TRUE(far.equilibrated) << far.missing;
  model.seed = 9;
  const Outcome own = run(cold);
  expect_agreement(far, own);
}

TEST_F(Reuse, AnotherCompositionBeginsWhereTheNearestRunEnded) {
  model.potentials = {"CuNi"};
  model.structure.substitutions = {{"Cu", "Ni", 0.25}};
  EXPECT_EQ(run(warm).start, "ideal");
  model.structure.substitutions = {{"Cu", "Ni", 0.3}};
  const Outcome next = run(warm);
  EXPECT_EQ(next.how, "run") << "no frame of one composition is of another";
  EXPECT_EQ(next.start, "restart");
  model.structure.supercell = {3, 3, 4};
  EXPECT_EQ(run(warm).start, "ideal");
}

TEST_F(Reuse, ANewSeedIsAnIndependentRun) {
  const Outcome first = run(warm);
  model.seed = 2;
  const Outcome second = run(warm);
  EXPECT_EQ(second.how, "run");
  EXPECT_EQ(second.start, "ideal");
  EXPECT_NE(second.ensemble, first.ensemble);
  EXPECT_NE(*second.quantities.at("sigma2:Cu-Cu.1").value,
            *first.quantities.at("sigma2:Cu-Cu.1").value);
}

TEST_F(Reuse, ARunThatWasNotAtEquilibriumAnswersNothing) {
  model.run.produce = 200;  // 20 samples: never enough
  EXPECT_FALSE(run(warm).equilibrated);
  const Outcome again = run(warm);
  EXPECT_EQ(again.how, "run");
  EXPECT_EQ(again.start, "restart");
  EXPECT_THAT(again.warnings, Contains(HasSubstr("was not at equilibrium")));
}

}  // namespace
}  // namespace twin::md::reuse_test
