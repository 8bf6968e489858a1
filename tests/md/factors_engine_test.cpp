// SPDX-License-Identifier: GPL-3.0-or-later
// What a run tells of the potential's numbers; the real lmp. A complex is held by springs: the
// lengths of its bonds are those of the closed form, whatever else moves.
#include <gtest/gtest.h>

#include <cmath>

#include "core/constants.h"
#include "md/complexes.h"
#include "md/simulate.h"
#include "process/child.h"

namespace twin::md::factors_engine_test {
namespace {

class FactorsOfARun : public ::testing::Test {
 protected:
  void SetUp() override {
    if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
    model.free = {{"k_Pb-I", 1.0, "", 0.5, 2, {}, {}}, {"r0_Pb-I", 1.0, "", 0.5, 2, {}, {}}};
    model.run.equilibrate = 2000;
    model.run.produce = 40'000;
    model.run.sample_every = 20;
  }

  static double value(const Outcome& outcome, const std::string& name) {
    return *outcome.quantities.at(name).value;
  }

  record::Model model = complex_of(6, 0);
  Engine engine{EngineSettings{.reuse = true}};
};

TEST_F(FactorsOfARun, TellItsTangents) {
  const Outcome outcome = engine.run(model, {}, {});
  const double sigma2 = value(outcome, "sigma2:Pb-I.1"), r = value(outcome, "r:Pb-I.1");
  // 4000 frames of six bonds that keep what they have for some ten: good to 5 % or so.
  EXPECT_NEAR(*outcome.jacobian.at("sigma2:Pb-I.1", "k_Pb-I") / -sigma2, 1, 0.25);
  EXPECT_NEAR(*outcome.jacobian.at("r:Pb-I.1", "r0_Pb-I") / r, 1, 0.15);
  EXPECT_NEAR(*outcome.jacobian.at("r:Pb-I.1", "k_Pb-I"), 0, 0.1 * std::sqrt(sigma2));
}

TEST_F(FactorsOfARun, AreReweightedToOthers) {
  const Outcome first = engine.run(model, {}, {});
  model.free[0].value = 1.1;
  model.free[1].value = 1.003;
  const Outcome near = engine.run(model, {}, {});
  ASSERT_EQ(near.how, "reweighted") << ::testing::PrintToString(near.warnings);
  Engine cold;
  model.seed = 9;
  const Outcome own = cold.run(model, {}, {});
  for (const std::string name : {"r:Pb-I.1", "sigma2:Pb-I.1", "potential_energy"}) {
    const auto &a = near.quantities.at(name), &b = own.quantities.at(name);
    EXPECT_NEAR(*a.value, *b.value, 4 * std::hypot(*a.sigma, *b.sigma)) << name;
  }
  // Far from where the frames were drawn, in units of what the comparison resolves.
  EXPECT_GT(value(near, "r:Pb-I.1") - value(first, "r:Pb-I.1"),
            3 * *near.quantities.at("r:Pb-I.1").sigma);
}

}  // namespace
}  // namespace twin::md::factors_engine_test
