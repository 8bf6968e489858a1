// SPDX-License-Identifier: GPL-3.0-or-later
// A run that goes on with the production of one that was cut short; the real lmp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "md/bank.h"
#include "md/copper.h"
#include "md/simulate.h"

namespace twin::md::resume_test {
namespace {

using ::testing::Each;

/// What ends a run.
struct Enough {};

class Resume : public ::testing::Test {
 protected:
  struct Kept {
    int replica = 0, block = 0;
    std::int64_t step = 0;
    KeptFrame frame;
    bool operator==(const Kept& other) const {
      return replica == other.replica && step == other.step &&
             frame.positions == other.frame.positions;
    }
  };

  void SetUp() override {
    if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
    model = copper_model();
    model.structure.supercell = {3, 3, 3};
    model.run = {.replicas = 2, .equilibrate = 400, .produce = 6000};
  }

  /// Runs until it has so many frames of each replica; they are kept, and where it stands.
  std::optional<Outcome> run(std::size_t frames) {
    Engine engine;
    if (last) engine.begin_at(*last, earlier());
    std::vector<Kept> all;
    try {
      const Outcome outcome =
          engine.run(model,
                     [&](const Sample& sample) {
                       if (all.size() == 2 * frames) throw Enough{};
                       EXPECT_EQ(sample.earlier, all.size() < kept.size());
                       all.push_back({sample.replica,
                                      sample.block,
                                      sample.step,
                                      {sample.frame.positions.cast<float>(), sample.frame.cell,
                                       sample.temperature, sample.energy_eV, sample.virial_bar}});
                     },
                     {});
      kept = all;
      return outcome;
    } catch (const Enough&) {
      kept = all;
      last = engine.last();
      for (std::size_t r = 0; r < 2; ++r) last->replicas[r] = {all[all.size() - 2 + r].frame};
      return {};
    }
  }

  Earlier earlier() const {
    return {kept.size() / 2, [this](const Earlier::Take& take) {
              for (const Kept& one : kept) take(one.replica, one.step, one.frame);
            }};
  }

  record::Model model;
  std::optional<Recording> last;
  std::vector<Kept> kept;
};

TEST_F(Resume, TwiceItIsAsOneWholeRun) {
  const auto whole = run(1000);
  ASSERT_TRUE(whole);
  const auto of_whole = std::exchange(kept, {});
  ASSERT_FALSE(run(150));
  const auto first = kept;
  ASSERT_FALSE(run(390));
  EXPECT_TRUE(std::equal(first.begin(), first.end(), kept.begin())) << "handed out as they were";
  const auto outcome = run(1000);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->start, "restart");
  EXPECT_NE(outcome->ensemble, whole->ensemble);
  EXPECT_TRUE(outcome->equilibrated) << outcome->missing;
  ASSERT_EQ(kept.size(), of_whole.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(kept[i].replica, of_whole[i].replica);
    EXPECT_EQ(kept[i].block, of_whole[i].block);
    EXPECT_EQ(kept[i].step, of_whole[i].step);
  }
  for (const char* name : {"r:Cu-Cu.1", "sigma2:Cu-Cu.1", "rmsd", "potential_energy"}) {
    const auto &a = outcome->quantities.at(name), &b = whole->quantities.at(name);
    EXPECT_NEAR(*a.value, *b.value, 4 * std::hypot(*a.sigma, *b.sigma)) << name;
  }
}

TEST_F(Resume, NoAttemptHasTheRandomNumbersOfAnother) {
  ASSERT_FALSE(run(50));
  const auto frames = kept;
  auto place = *last;
  const auto goes_on = [&](int begun) {
    kept = frames;
    last = place;
    last->begun = begun;
    static_cast<void>(run(100));
    EXPECT_EQ(last->begun, begun + 1);
    return kept.back().frame.energy_eV;
  };
  EXPECT_EQ(goes_on(0), goes_on(0));
  EXPECT_NE(goes_on(0), goes_on(1));
}

TEST_F(Resume, AMovingCellGoesOn) {
  model.pressure_bar = 1;
  ASSERT_FALSE(run(100));
  const auto outcome = run(1000);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(kept.size(), 1200U);
  // No jump where it was cut: the volume is remembered over ten frames and more.
  const auto volume = [&](std::size_t i) { return std::abs(kept[i].frame.cell.determinant()); };
  double step = 0;
  for (std::size_t i = 4; i < 200; i += 2)
    step = std::max(step, std::abs(volume(i) - volume(i - 2)));
  EXPECT_LE(std::abs(volume(200) - volume(198)), 1.5 * step);
  EXPECT_EQ(kept[200].step - kept[198].step, 10);
}

TEST_F(Resume, OfAnotherTargetOnlyTheLastFramesAreTaken) {
  ASSERT_FALSE(run(60));
  model.temperature = 305;
  Engine engine;
  engine.begin_at(*last, earlier());
  std::vector<bool> before;
  const Outcome outcome =
      engine.run(model, [&](const Sample& sample) { before.push_back(sample.earlier); }, {});
  EXPECT_EQ(outcome.start, "restart");
  EXPECT_EQ(before.size(), 1200U);
  EXPECT_THAT(before, Each(false));
  EXPECT_EQ(engine.run(model, {}, {}).start, "ideal") << "it is taken once";
}

}  // namespace
}  // namespace twin::md::resume_test
