// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/tilts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atoms/crystal.h"
#include "core/error.h"
#include "cubic_cspbi3.h"
#include "md/copper.h"
#include "md/octahedra.h"
#include "md/plan.h"
#include "message_of.h"

namespace twin::md::tilts_test {
namespace {

using ::testing::HasSubstr;

TEST(Tilts, AreThoseThatAreAskedFor) {
  const atoms::Frame ideal = atoms::build_crystal(cubic_cspbi3(6.29, 2));
  const Octahedra octahedra(ideal);
  // One axis: the octahedra turn by just that angle.
  const auto in_phase = octahedra.of(tilted(ideal, {{0, 0, 0.2}, "00+"}));
  EXPECT_NEAR(std::abs(in_phase.in_phase[2]), 0.2, 1e-9);
  EXPECT_NEAR(in_phase.tilt[2], 0.2, 1e-9);
  EXPECT_NEAR(in_phase.out_of_phase.norm(), 0, 1e-9);
  EXPECT_NEAR(in_phase.tilt.head(2).norm(), 0, 1e-9);
  // Three: to first order.
  const auto three = octahedra.of(tilted(ideal, {{0.08, 0.06, 0.1}, "--+"}));
  EXPECT_NEAR(std::abs(three.out_of_phase[0]), 0.08, 0.002);
  EXPECT_NEAR(std::abs(three.out_of_phase[1]), 0.06, 0.002);
  EXPECT_NEAR(std::abs(three.in_phase[2]), 0.1, 0.002);
  EXPECT_NEAR(std::abs(three.in_phase[0]), 0, 0.002);
  // Bonds are longer by 1/cos, and B atoms stay.
  const atoms::Frame frame = tilted(ideal, {{0, 0.2, 0}, "0-0"});
  EXPECT_NEAR((frame.positions.row(2) - frame.positions.row(0)).norm(), 3.145 / std::cos(0.2),
              1e-9);
  EXPECT_EQ(frame.positions.row(0), ideal.positions.row(0));
}

TEST(Tilts, AreWhereARunBegins) {
  record::Model model = copper_model();
  model.structure = cubic_cspbi3(6.29, 2);
  model.structure.tilts = {{0.1, 0.1, 0.1}, "---"};
  model.structure.vacancies = {{"I", 0.05, "remove-pair"}};
  model.temperature = 600;
  model.potentials = {"myp-cspbi3"};
  const Plan plan = make_plan(model);
  ASSERT_TRUE(plan.system.begins);
  EXPECT_EQ(plan.system.begins->positions.rows(), 38);
  EXPECT_EQ(plan.system.ideal.positions.rows(), 38);
  EXPECT_GT((plan.system.begins->positions - plan.system.ideal.positions).norm(), 1);
}

TEST(Tilts, ThatCannotBeAreRefused) {
  const auto said = [](const record::Structure& structure, const record::Tilts& tilts) {
    const atoms::Frame ideal = atoms::build_crystal(structure);
    return message_of([&] { static_cast<void>(tilted(ideal, tilts)); }, Cause::configuration);
  };
  EXPECT_THAT(said(cubic_cspbi3(6.29, 3), {{0, 0, 0.1}, "00+"}), HasSubstr("expected even"));
  EXPECT_THAT(said(copper_model().structure, {{0, 0, 0.1}, "00+"}), HasSubstr("no octahedra"));
}

}  // namespace
}  // namespace twin::md::tilts_test
