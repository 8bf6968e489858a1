// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/observe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "atoms/crystal.h"
#include "copper.h"
#include "message_of.h"

namespace twin::md::observe_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Copper whose atoms move independently, by 0.08 Å an axis: σ² of a bond is 2 · 0.08² Å².
struct Made {
  std::size_t frames = 200;
  double lattice = 3.63;
  double transient = 0.0;  ///< more amplitude at the beginning, Å; dies away in 15 frames
  double breathing = 0.0;  ///< Å, of the lattice parameter from frame to frame
  std::optional<double> temperature, energy_eV;
  atoms::TrajectoryOrigin origin;
  unsigned seed = 1;
};

class MadeReader : public atoms::TrajectoryReader {
 public:
  MadeReader(const record::Model& model, const Made& made)
      : made_(made), ideal_(atoms::build_crystal(model.structure)), random_(made.seed) {
    ideal_.cell *= made.lattice / model.structure.a;
    ideal_.positions *= made.lattice / model.structure.a;
    atoms_.elements.assign(ideal_.species.size(), "Cu");
    origin_ = made.origin;
  }

  std::optional<atoms::TrajectoryFrame> next() override {
    if (index_ == made_.frames) return std::nullopt;
    const double amplitude = 0.08 + made_.transient * std::exp(-static_cast<double>(index_) / 15);
    std::normal_distribution<double> normal;
    const double scale = 1 + made_.breathing * normal(random_) / made_.lattice;
    atoms::TrajectoryFrame frame;
    frame.cell = ideal_.cell * scale;
    frame.positions = ideal_.positions * scale;
    for (double& x : frame.positions.reshaped()) x += amplitude * normal(random_);
    frame.step = static_cast<std::int64_t>(10 * index_);
    frame.time_ps = 0.02 * static_cast<double>(index_);
    if (made_.temperature) frame.temperature = *made_.temperature + normal(random_);
    if (made_.energy_eV) frame.energy_eV = *made_.energy_eV + 0.1 * normal(random_);
    ++index_;
    return frame;
  }

 private:
  Made made_;
  atoms::Frame ideal_;
  std::mt19937_64 random_;
  std::size_t index_ = 0;
};

struct Observe : testing::Test {
  record::Model model = [] {
    record::Model copper = copper_model();
    copper.structure.supercell = {3, 3, 3};
    return copper;
  }();

  [[nodiscard]] Source source(const Made& made, const std::string& name = "made") const {
    return {name, [this, made] { return std::make_unique<MadeReader>(model, made); }};
  }
  [[nodiscard]] Observed of(const Made& made, std::optional<std::size_t> skip = {}) const {
    Made other = made;
    other.seed += 100;
    return observe(model, {source(made), source(other, "other")}, skip, {}, {});
  }
  [[nodiscard]] std::string refusal(const Made& made, Cause cause = Cause::data) const {
    return message_of([&] { static_cast<void>(of(made)); }, cause);
  }
};

TEST_F(Observe, GivesTheQuantitiesOfARun) {
  const auto [outcome, sources, seed] = of({});
  EXPECT_EQ(outcome.how, "trajectory");
  EXPECT_TRUE(outcome.equilibrated) << outcome.missing;
  EXPECT_TRUE(outcome.fixed_cell);
  EXPECT_FALSE(seed);
  const auto& sigma2 = outcome.quantities.at("sigma2:Cu-Cu.1");
  EXPECT_NEAR(*sigma2.value, 2 * 0.08 * 0.08, 5 * *sigma2.sigma);
  EXPECT_LT(*sigma2.sigma, 1e-4);
  // The mean of |r| is longer than that of r by what moves across it.
  EXPECT_NEAR(*outcome.quantities.at("r:Cu-Cu.1").value,
              3.63 / std::sqrt(2.0) + 2 * 0.08 * 0.08 / (3.63 / std::sqrt(2.0)), 1e-3);
  EXPECT_NEAR(*outcome.quantities.at("n:Cu-Cu.1").value, 12, 0.02);
  // √3 · 0.08 Å, less what the mean of 108 atoms takes.
  EXPECT_NEAR(*outcome.quantities.at("rmsd").value, std::sqrt(3.0) * 0.08, 2e-3);
  EXPECT_NEAR(*outcome.quantities.at("a").value, 3.63, 1e-12);
  EXPECT_NEAR(*outcome.quantities.at("volume").value, std::pow(3.63, 3), 1e-9);
  for (const std::string name : {"pressure", "potential_energy", "temperature_md"})
    EXPECT_FALSE(outcome.quantities.contains(name)) << name;
  EXPECT_FALSE(outcome.known.energy);
  EXPECT_EQ(outcome.temperature_md, 295);
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].frames, 200U);
  EXPECT_DOUBLE_EQ(*sources[0].last_ps, 3.98);
}

TEST_F(Observe, HandsOutFramesAsARunDoes) {
  std::vector<int> blocks;
  std::vector<int> replicas;
  const auto take = [&](const Sample& sample) {
    blocks.push_back(sample.block);
    replicas.push_back(sample.replica);
    EXPECT_EQ(sample.frame.positions.rows(), 108);
  };
  Made shorter;
  shorter.frames = 40;
  static_cast<void>(observe(model, {source({}), source(shorter)}, 20, take, {}));
  EXPECT_EQ(blocks.size(), 200U);
  EXPECT_THAT(std::vector(replicas.begin(), replicas.begin() + 4), ElementsAre(0, 1, 0, 1));
  EXPECT_EQ(std::ranges::count(blocks, 3), 45);
  EXPECT_EQ(std::ranges::count(blocks, 7), 5);
}

TEST_F(Observe, LeavesOutTheWayToEquilibrium) {
  Made made;
  made.transient = 0.15;
  const auto [outcome, sources, seed] = of(made);
  EXPECT_TRUE(outcome.equilibrated) << outcome.missing;
  EXPECT_GT(sources[0].skipped, 20U);
  EXPECT_LT(sources[0].skipped, 100U);
  EXPECT_THAT(outcome.warnings, Contains(HasSubstr("frames are left out")));
  const auto all = of(made, 0);
  EXPECT_FALSE(all.outcome.equilibrated);
  EXPECT_THAT(all.outcome.missing, HasSubstr("N_eff of sigma2 is "));
  EXPECT_EQ(all.sources[0].skipped, 0U);
}

TEST_F(Observe, AMovingCellHasLengths) {
  Made made;
  made.breathing = 0.02;
  const auto outcome = of(made).outcome;
  EXPECT_FALSE(outcome.fixed_cell);
  EXPECT_NEAR(*outcome.quantities.at("a").value, 3.63, 0.006);
  EXPECT_GT(*outcome.quantities.at("a").sigma, 5e-4);
  EXPECT_TRUE(outcome.quantities.contains("c"));
}

TEST_F(Observe, TheTemperatureIsThatOfTheFrames) {
  Made made;
  made.temperature = 320;
  made.energy_eV = -380;
  const auto outcome = of(made).outcome;
  EXPECT_NEAR(outcome.temperature_md, 320, 0.5);
  EXPECT_THAT(outcome.warnings, Contains(HasSubstr("the model says 295 K: the former is used")));
  EXPECT_NEAR(*outcome.quantities.at("potential_energy").value, -380.0 / 108, 1e-3);
  made.origin.thermostat = 318;
  EXPECT_EQ(of(made).outcome.temperature_md, 318);
}

TEST_F(Observe, ZeroPointMotionNeedsTheTemperatureOfTheRun) {
  model.zero_point = "einstein";
  EXPECT_THAT(refusal({}, Cause::configuration), HasSubstr("the temperature that the trajectory"));
  Made made;
  made.temperature = 320;
  const auto outcome = of(made).outcome;
  EXPECT_LT(outcome.temperature, 320);  // of the sample, whose quantum motion that is
  EXPECT_NEAR(outcome.temperature, 308, 6);
  model.zero_point = "none";
  model.temperature.reset();
  EXPECT_THAT(refusal({}, Cause::configuration), HasSubstr("neither the model nor"));
}

TEST_F(Observe, ThePotentialMayBeAnyName) {
  model.potentials = {"r2SCAN"};
  const auto unknown = of({}).outcome;
  EXPECT_EQ(unknown.potential, "r2SCAN");
  EXPECT_THAT(unknown.warnings, IsEmpty());
  Made made;
  made.origin.potential = "Cu_zhou";
  const auto told = of(made).outcome;
  EXPECT_EQ(told.potential, "Cu_zhou");
  EXPECT_THAT(told.warnings, Contains(HasSubstr("is of potential Cu_zhou, the model says r2SCAN")));
  made.origin.potential = "$(rm)";
  EXPECT_EQ(of(made).outcome.potential, "r2SCAN");
}

TEST_F(Observe, SaysWhatDoesNotFit) {
  Made made;
  made.frames = 19;
  EXPECT_THAT(refusal(made), HasSubstr("made: 19 frames, 0 to leave out; at least 20"));
  EXPECT_THAT(message_of([&] { static_cast<void>(of({}, 190)); }), HasSubstr("190 to leave out"));
  made = {};
  made.lattice = 4.5;
  EXPECT_THAT(refusal(made), HasSubstr("made: its cell of 13.500"));
  Made hot;
  hot.origin.thermostat = 400;
  EXPECT_THAT(message_of([&] {
                static_cast<void>(observe(model, {source({}), source(hot, "hot")}, {}, {}, {}));
              }),
              HasSubstr("hot: of another thermostat temperature than made"));
  const Source small = source({});
  model.structure.supercell = {4, 4, 4};
  const record::Model large = model;
  model.structure.supercell = {3, 3, 3};
  EXPECT_THAT(message_of([&] { static_cast<void>(observe(large, {small}, {}, {}, {})); }),
              HasSubstr("made: its 108 atoms are not the model's 256; supercell: [3, 3, 3]"));
}

TEST_F(Observe, AFileThatShrinksIsSaid) {
  int opened = 0;
  const Source source{"made", [&]() -> std::unique_ptr<atoms::TrajectoryReader> {
                        Made made;
                        if (++opened == 2) made.frames = 100;
                        return std::make_unique<MadeReader>(model, made);
                      }};
  EXPECT_THAT(message_of([&] { static_cast<void>(observe(model, {source}, {}, {}, {})); },
                         Cause::try_again),
              HasSubstr("it changed while it was read"));
}

}  // namespace
}  // namespace twin::md::observe_test
