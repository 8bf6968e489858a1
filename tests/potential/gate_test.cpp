// SPDX-License-Identifier: GPL-3.0-or-later
// The gate's word on runs that are made up: what each bound refuses, and what it asks to be
// labelled.
#include "potential/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "message_of.h"

namespace twin::potential::gate_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Gate : ::testing::Test {
  Gate() {
    plan.temperature = 634;
    plan.structure.supercell = {2, 2, 2};
    plan.system.pressure_bar = 0;
    plan.system.ideal.species.assign(40, 0);
    auto& deep = plan.system.potential.deep;
    deep.models = {"0", "1", "2", "3"};
    deep.volume_min = 45;
    deep.volume_max = 58;
    run.ideal_neighbours = 6;
    run.neighbours = {6, 6, 6};
    run.drift_meV_ps = 0.1;
    fill(6.29, 6.29);
  }

  /// 100 frames whose lattice parameter goes from one to the other.
  void fill(double from, double to) {
    run.frames.clear();
    for (int i = 0; i < 100; ++i) {
      GateFrame frame;
      frame.frame.cell.setIdentity();
      const double a = from + (to - from) * i / 99;
      frame.volume = a * a * a / 5;
      frame.temperature = 634;
      frame.force_deviation = 0.1;
      run.frames.push_back(frame);
    }
    run.a_start = from;
    run.a_end = to;
    run.a = (from + to) / 2;
  }

  std::string refusal() {
    const auto verdict = judge(plan, run, settings);
    EXPECT_FALSE(verdict.passed);
    return verdict.reasons.empty() ? "" : verdict.reasons.front();
  }

  md::Plan plan;
  GateRun run;
  GateSettings settings;
};

TEST_F(Gate, PassesWhatIsWithinAllBounds) {
  settings.lattice = 6.29;
  const auto verdict = judge(plan, run, settings);
  EXPECT_TRUE(verdict.passed);
  EXPECT_THAT(verdict.reasons, IsEmpty());
  EXPECT_THAT(verdict.to_label, IsEmpty());
  EXPECT_NEAR(*verdict.quantities.at("a").value, 6.29, 1e-12);
  EXPECT_EQ(verdict.quantities.at("force_deviation").unit, "eV/Å");
}

TEST_F(Gate, SeesACellThatSwells) {
  settings.lattice = 6.29;
  fill(6.3, 6.55);
  const auto verdict = judge(plan, run, settings);
  EXPECT_THAT(
      verdict.reasons,
      ElementsAre(HasSubstr("the cell swells, from 6.300 to 6.550 Å within the run"),
                  HasSubstr("a = 6.425 Å at 634 K is 2.1 % above what is stated, 6.290 Å")));
  EXPECT_EQ(verdict.to_label.size(), settings.most_frames);  // none is beyond a bound: evenly
  EXPECT_EQ(verdict.to_label.front(), &run.frames[0]);
  EXPECT_GT(verdict.to_label.back(), &run.frames[95]);
}

TEST_F(Gate, AsksForTheFramesThatAreOutside) {
  fill(6.55, 6.75);  // 58 Å³ an atom are 6.62 Å
  settings.lattice_tolerance = 0.1;
  const auto verdict = judge(plan, run, settings);
  ASSERT_EQ(verdict.failed, std::vector<std::string>{"volume_max"});
  EXPECT_THAT(verdict.reasons.front(), HasSubstr("Å³ an atom"));
  for (const GateFrame* frame : verdict.to_label) EXPECT_GT(frame->volume, 58);
}

TEST_F(Gate, ComparesWithWhereTheLabelsPressureVanishes) {
  auto& deep = plan.system.potential.deep;
  deep.own_stiffness = 0.09;
  deep.own_volume = std::pow(6.5, 3) / 5;
  // With the pressure of the motion, n k T / V, it is a little more than 6.5 Å.
  const auto verdict = judge(plan, run, settings);
  const double length = *verdict.quantities.at("a_labels").value, v = std::pow(length, 3) / 5;
  EXPECT_NEAR(0.09 * (1 - v / deep.own_volume) + 8.617333e-5 * 634 / v, 0, 1e-9);
  EXPECT_THAT(refusal(), HasSubstr("below where the labels' own pressure vanishes, 6.52"));
  EXPECT_THAT(verdict.remarks, IsEmpty());
  // Labels that are at odds with what is stated themselves: a matter of their theory.
  settings.lattice = 6.29;
  EXPECT_THAT(judge(plan, run, settings).remarks,
              ElementsAre(HasSubstr("the labels themselves ask for 3.7 % more")));
}

TEST_F(Gate, SeesModelsThatDisagree) {
  run.frames[40].force_deviation = 0.31;
  EXPECT_TRUE(judge(plan, run, settings).passed);  // one in a hundred may
  run.frames[41].force_deviation = 0.5;
  const auto verdict = judge(plan, run, settings);
  EXPECT_THAT(refusal(), HasSubstr("more than 0.3 eV/Å, at most 0.500; 1.0 % are allowed"));
  ASSERT_EQ(verdict.to_label.size(), settings.most_frames);
  EXPECT_EQ(verdict.to_label[0], &run.frames[40]);  // these first, then any
  EXPECT_EQ(verdict.to_label[1], &run.frames[41]);
}

TEST_F(Gate, SeesWhatIsUnstable) {
  run.drift_meV_ps = -1.5;
  EXPECT_THAT(refusal(), HasSubstr("drifts by -1.50 meV an atom and ps"));
  run.drift_meV_ps = 0;
  run.neighbours = {6, 5.7};
  EXPECT_THAT(refusal(), HasSubstr("5.850 neighbours, its site 6.000: atoms have left"));
  run.neighbours = {6};
  for (GateFrame& frame : run.frames) frame.temperature = 900;
  EXPECT_THAT(refusal(), HasSubstr("mean temperature is 900.0 K"));
  run.frames.clear();
  run.drift_meV_ps.reset();
  run.ended = "lmp: Lost atoms";
  EXPECT_THAT(refusal(), HasSubstr("Lost atoms"));
}

TEST_F(Gate, OneModelCannotTell) {
  plan.system.potential.deep.models = {"0"};
  for (GateFrame& frame : run.frames) frame.force_deviation.reset();
  EXPECT_THAT(refusal(), HasSubstr("one model alone can't tell"));
}

TEST_F(Gate, IsForDeepPotentials) {
  plan.system.potential.deep.models.clear();
  EXPECT_THAT(message_of([&] { (void)run_gate(plan, {}, settings, {}); }, Cause::configuration),
              HasSubstr("the gate is for deep potentials"));
}

}  // namespace
}  // namespace twin::potential::gate_test
