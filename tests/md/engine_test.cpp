// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.h"
#include "md/copper.h"
#include "md/einstein.h"
#include "md/simulate.h"

namespace twin::md::engine_test {
namespace {

class CopperEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
    model = copper_model();
  }

  Outcome run() { return engine.run(model, {}, {}); }
  static record::Quantity of(const Outcome& outcome, const std::string& name) {
    return outcome.quantities.at(name);
  }

  record::Model model;
  Engine engine;
};

constexpr const char* sigma2 = "sigma2:Cu-Cu.1";

TEST_F(CopperEngine, RoomTemperatureIsPhysical) {
  const Outcome outcome = run();
  EXPECT_EQ(outcome.potential, "Cu_mishin1");
  EXPECT_TRUE(outcome.equilibrated) << outcome.missing;
  EXPECT_GE(outcome.n_eff, 50);
  EXPECT_EQ(outcome.atoms, 256);
  EXPECT_EQ(outcome.temperature, 295);
  EXPECT_EQ(outcome.temperature_md, 295);
  EXPECT_EQ(outcome.einstein_temperature, 0);
  // One of 1536 bonds beyond the cut-off in one of the frames is 1e-4.
  EXPECT_NEAR(*of(outcome, "n:Cu-Cu.1").value, 12, 5e-4);
  // Thermal motion across the bond lengthens it: ⟨r⟩ > a/√2 = 2.5562 Å.
  EXPECT_GT(*of(outcome, "r:Cu-Cu.1").value, 3.615 / std::sqrt(2) + 0.002);
  EXPECT_LT(*of(outcome, "r:Cu-Cu.1").value, 3.615 / std::sqrt(2) + 0.006);
  // The same potential at zero pressure (a = 3.632 Å, 300 K) has 0.0079; compressed it is stiffer.
  EXPECT_NEAR(*of(outcome, sigma2).value, 0.0074, 0.0004);
  EXPECT_LT(*of(outcome, sigma2).sigma, 1e-4);
  EXPECT_NEAR(*of(outcome, "c3:Cu-Cu.1").value, 1.4e-4, 0.4e-4);
  // 3.615 Å is its lattice at 0 K: at 295 K it pushes outwards.
  EXPECT_NEAR(*of(outcome, "pressure").value, 19e3, 2e3);
  EXPECT_NEAR(*of(outcome, "density").value, 8.9345, 1e-3);
  EXPECT_NEAR(*of(outcome, "temperature_md").value, 295, 6);
  // Cohesive energy at 0 K -3.54 eV plus (3/2) k T of a harmonic crystal.
  EXPECT_NEAR(*of(outcome, "potential_energy").value, -3.54 + 1.5 * 8.617e-5 * 295, 0.003);
  EXPECT_GT(outcome.cpu_seconds, 0);
}

TEST_F(CopperEngine, SameSeedGivesTheSameNumbersColdOrWarm) {
  model.run.equilibrate = 200;
  model.run.produce = 600;
  const Outcome cold = run();
  model.seed = 2;
  model.structure.a = 3.66;
  const Outcome other = run();
  model.seed = 1;
  model.structure.a = 3.615;
  const Outcome warm = run();
  ASSERT_EQ(cold.quantities.size(), warm.quantities.size());
  for (const auto& [name, quantity] : cold.quantities) {
    EXPECT_EQ(*quantity.value, *warm.quantities.at(name).value) << name;
    EXPECT_EQ(*quantity.sigma, *warm.quantities.at(name).sigma) << name;
  }
  EXPECT_NE(*of(other, sigma2).value, *of(cold, sigma2).value);
}

TEST_F(CopperEngine, TwoSeedsAgreeWithinTheirErrors) {
  const Outcome one = run();
  model.seed = 77;
  const Outcome two = run();
  for (const char* name :
       {"r:Cu-Cu.1", sigma2, "c3:Cu-Cu.1", "rmsd", "pressure", "potential_energy"}) {
    const record::Quantity a = of(one, name), b = of(two, name);
    EXPECT_NE(*a.value, *b.value) << name;
    EXPECT_LT(std::abs(*a.value - *b.value), 4.5 * std::hypot(*a.sigma, *b.sigma)) << name;
  }
}

TEST_F(CopperEngine, ZeroPointMotionWarmsTheCrystal) {
  model.zero_point = "einstein";
  const Outcome outcome = run();
  EXPECT_GT(outcome.temperature_md / 295, 1.04);
  EXPECT_LT(outcome.temperature_md / 295, 1.07);
  EXPECT_NEAR(outcome.einstein_temperature, 248, 8);
  // θ of the production run differs from that of the start by statistics alone: 1 % of θ is 0.12 %
  // of T_cl.
  EXPECT_NEAR(outcome.temperature, 295, 2);
  EXPECT_NEAR(outcome.d_md_d_temperature,
              classical_per_quantum(outcome.temperature, outcome.einstein_temperature), 1e-12);
}

TEST_F(CopperEngine, NearZeroItIsHalfTheEinsteinTemperature) {
  model.zero_point = "einstein";
  model.temperature = 10;
  model.structure.a = 3.603;
  const Outcome outcome = run();
  // What is left is the statistical error of θ, that of the start (a few frames) above all.
  EXPECT_NEAR(outcome.temperature_md, outcome.einstein_temperature / 2,
              0.03 * outcome.temperature_md);
  EXPECT_LT(outcome.temperature, 60);
  EXPECT_LT(outcome.d_md_d_temperature, 0.3);
}

TEST_F(CopperEngine, EveryFrameIsHandedOutInOrder) {
  model.run.equilibrate = 100;
  model.run.produce = 400;
  model.run.replicas = 3;
  model.structure.supercell = {3, 3, 3};
  std::vector<int> count(3, 0);
  std::set<int> blocks;
  double last = 0;
  engine.run(
      model,
      [&](const Sample& sample) {
        EXPECT_EQ(sample.block,
                  sample.replica * 4 + count[static_cast<std::size_t>(sample.replica)]++ / 10);
        EXPECT_EQ(sample.frame.positions.rows(), 108);
        EXPECT_NEAR(sample.frame.cell(1, 1), 3 * 3.615, 1e-12);
        EXPECT_LT(std::abs(sample.frame.positions(0, 0)), 1);  // atom 0 stays near its site
        blocks.insert(sample.block);
      },
      [&](const std::string& stage, double fraction) {
        if (stage != "produce") return;
        EXPECT_GE(fraction, last);
        EXPECT_LE(fraction, 1);
        last = fraction;
      });
  EXPECT_EQ(count, (std::vector<int>{40, 40, 40}));
  EXPECT_EQ(blocks.size(), 12U);
  EXPECT_EQ(last, 1);
}

TEST_F(CopperEngine, AShortRunIsNotAtEquilibrium) {
  model.run.equilibrate = 50;
  model.run.produce = 100;
  const Outcome outcome = run();
  EXPECT_FALSE(outcome.equilibrated);
  EXPECT_THAT(outcome.missing, ::testing::HasSubstr("50 are asked for"));
}

TEST_F(CopperEngine, ObserverMayGiveUpAndTheEngineGoesOn) {
  model.run.equilibrate = 50;
  EXPECT_THROW(
      engine.run(model, [](const Sample&) { throw Error(Cause::output, "disk full"); }, {}), Error);
  model.run.produce = 100;
  EXPECT_EQ(run().atoms, 256);
}

TEST_F(CopperEngine, SaysItsVersion) {
  EXPECT_THAT(engine.version(), ::testing::StartsWith("LAMMPS "));
  EXPECT_THAT(engine.version(), ::testing::Not(::testing::HasSubstr("unknown")));
}

}  // namespace
}  // namespace twin::md::engine_test
