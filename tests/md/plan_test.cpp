// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>
#include <functional>
#include <set>

#include "cubic_cspbi3.h"
#include "delta_cspbi3.h"
#include "md/commands.h"
#include "md/copper.h"
#include "md/methylammonium.h"

namespace twin::md::plan_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string message_of(const std::function<void(record::Model&)>& change) {
  record::Model model = copper_model();
  change(model);
  try {
    (void)make_plan(model);
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    return error.what();
  }
  return "(nothing was thrown)";
}

TEST(Plan, TakesWhatTheModelSays) {
  const Plan plan = make_plan(copper_model());
  EXPECT_EQ(plan.temperature, 295);
  EXPECT_EQ(plan.structure.a, 3.615);
  EXPECT_EQ(plan.system.potential.name, "Cu_mishin1");
  EXPECT_EQ(plan.system.ideal.positions.rows(), 256);
  EXPECT_FALSE(plan.einstein);
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(Plan, FreeParametersComeFirst) {
  record::Model model = copper_model();
  model.free = {{"a", 3.69, "Å", 3.5, 3.8, {}, {}}, {"temperature", 590, "K", 100, 900, {}, {}}};
  model.potentials = {"Cu_mishin1", "Cu_zhou"};
  model.potential = "Cu_zhou";
  const Plan plan = make_plan(model);
  EXPECT_EQ(plan.structure.a, 3.69);
  EXPECT_NEAR(plan.system.ideal.cell(0, 0), 4 * 3.69, 1e-12);
  EXPECT_EQ(plan.temperature, 590);
  EXPECT_EQ(plan.system.potential.name, "Cu_zhou");
}

TEST(Plan, TurnsObliqueCellsUpright) {
  record::Model model = copper_model();
  const double half = 3.615 / 2;
  model.structure.cell = {{{0, half, half}, {half, 0, half}, {half, half, 0}}};
  model.structure.sites = {{"Cu", {0, 0, 0}}};
  model.structure.a = half * std::sqrt(2.0);
  model.structure.supercell = {2, 3, 4};
  const Plan plan = make_plan(model);
  const Eigen::Matrix3d& cell = plan.system.ideal.cell;
  EXPECT_TRUE(cell.isLowerTriangular(1e-9));
  EXPECT_NEAR(cell.determinant(), 24 * std::pow(3.615, 3) / 4, 1e-9);
  EXPECT_NEAR(cell.row(1).norm(), 3 * model.structure.a, 1e-9);
  EXPECT_NEAR(cell.row(0).dot(cell.row(2)) / cell.row(0).norm() / cell.row(2).norm(), 0.5, 1e-9);
  EXPECT_THAT(data_file(plan.system.potential, plan.system.topology, plan.system.ideal),
              HasSubstr(" xy xz yz\n"));
  std::swap(model.structure.cell[0], model.structure.cell[1]);
  EXPECT_THAT(message_of([&](record::Model& one) { one = model; }), HasSubstr("left-handed"));
}

TEST(Plan, StepsEndOnASample) {
  record::Model model = copper_model();
  model.run.sample_every = 7;
  EXPECT_EQ(make_plan(model).equilibrate, 1001);
  EXPECT_EQ(make_plan(model).produce, 4004);
}

TEST(Plan, RefusesWhatMakesNoSense) {
  using M = record::Model;
  EXPECT_THAT(message_of([](M& m) { m.potentials = {}; }), HasSubstr("potential ''"));
  EXPECT_THAT(message_of([](M& m) { m.structure.element = "Pb"; }), HasSubstr("is of Cu"));
  EXPECT_THAT(message_of([](M& m) { m.temperature.reset(); }), HasSubstr("temperature: missing"));
  EXPECT_THAT(message_of([](M& m) { m.temperature = -5; }), HasSubstr("temperature: -5 K"));
  EXPECT_THAT(message_of([](M& m) { m.temperature = 0; }), HasSubstr("temperature: 0 K"));
  EXPECT_THAT(message_of([](M& m) { m.temperature = std::stod("nan"); }), HasSubstr("nan"));
  EXPECT_THAT(message_of([](M& m) { m.structure.a = 0; }), HasSubstr("structure: a"));
  EXPECT_THAT(message_of([](M& m) { m.zero_point = "maybe"; }), HasSubstr("none or einstein"));
  EXPECT_THAT(message_of([](M& m) { m.run.timestep_fs = 0; }), HasSubstr("timestep"));
  EXPECT_THAT(message_of([](M& m) { m.run.replicas = 0; }), HasSubstr("replicas"));
  EXPECT_THAT(message_of([](M& m) {
                m.structure.supercell = {1000, 1000, 1000};
              }),
              HasSubstr("supercell"));
  EXPECT_THAT(message_of([](M& m) {
                m.free = {{"temprature", 1, "K", 0, 1, {}, {}}};
              }),
              HasSubstr("perhaps temperature"));
}

TEST(Plan, WarnsOutsideOfThePotentialsRange) {
  record::Model model = copper_model();
  model.structure.a = 4.2;
  model.temperature = 1300;
  const Plan plan = make_plan(model);
  ASSERT_EQ(plan.warnings.size(), 2U);
  EXPECT_THAT(plan.warnings[0], HasSubstr("a = 4.2 Å is outside"));
  EXPECT_THAT(plan.warnings[1], HasSubstr("1300 K is above"));
}

TEST(Plan, JudgesAnyCellByTheCubeOfItsDensity) {
  record::Model model = copper_model();
  const double half = 3.615 / 2;
  model.structure.cell = {{{0, half, half}, {half, 0, half}, {half, half, 0}}};
  model.structure.sites = {{"Cu", {0, 0, 0}}};
  model.structure.a = half * std::sqrt(2.0);
  EXPECT_THAT(make_plan(model).warnings, IsEmpty());  // its a is 2.556 Å
  model.structure.a *= 1.1;
  EXPECT_THAT(make_plan(model).warnings,
              Contains(HasSubstr("a = 3.9765 Å, of a cube of 4 atoms as densely packed, is outside "
                                 "of what Cu_mishin1 is believed for, 3.4 to 3.85 Å")));

  model.potential = "myp-cspbi3";
  model.temperature = 634;
  model.run.timestep_fs = 2;
  model.structure = cubic_cspbi3(6.29, 2);
  EXPECT_THAT(make_plan(model).warnings, Not(Contains(HasSubstr("is outside"))));
  model.structure.vacancies = {{"I", 0.05, "remove-pair"}};
  EXPECT_THAT(make_plan(model).warnings, Not(Contains(HasSubstr("is outside"))));
  model.structure = delta_cspbi3({1, 2, 1});
  EXPECT_THAT(make_plan(model).warnings,
              Contains(HasSubstr("a = 6.0546 Å, of a cube of 5 atoms")));  // (887.8 Å³ / 4)^(1/3)
}

TEST(Plan, WarnsOfLongSteps) {
  record::Model model = mapbi3_model();
  EXPECT_THAT(make_plan(model).warnings, Not(Contains(HasSubstr("timestep"))));
  model.run.timestep_fs = 2;
  EXPECT_THAT(make_plan(model).warnings,
              Contains("timestep 2 fs is above the 1 fs that myp-mapbi3 asks for"));
}

TEST(Plan, RefusesAMoleculeThatIsNotWhole) {
  record::Model model = mapbi3_model();
  model.structure.sites.pop_back();
  try {
    (void)make_plan(model);
    ADD_FAILURE() << "a hydrogen is missing";
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    EXPECT_THAT(error.what(), HasSubstr("is bonded to C H H"));
  }
}

TEST(Seeds, AreInRangeAndDiffer) {
  std::set<int> seeds;
  for (const std::int64_t seed : {0L, 1L, 2L, -1L, 1'000'000'000'000L})
    for (int replica = 0; replica < 8; ++replica)
      for (int stream = 0; stream < 8; ++stream) {
        const int derived = derived_seed(seed, replica, stream);
        EXPECT_GE(derived, 1);
        EXPECT_LE(derived, 900'000'000);
        seeds.insert(derived);
      }
  EXPECT_EQ(seeds.size(), 5U * 8 * 8);
}

TEST(DataFile, HasTheCellAndTheAtoms) {
  Potential potential;
  potential.types = {{"Cu", "Cu", {}}};
  potential.mass = 63.546;
  Topology topology;
  topology.types = {"Cu"};
  topology.type = {0, 0};
  atoms::Frame frame;
  frame.cell = Eigen::Vector3d(3, 4, 5.5).asDiagonal();
  frame.positions.resize(2, 3);
  frame.positions << 0, 0, 0, 1.5, 2, 0.1;
  frame.species = {0, 0};
  EXPECT_EQ(data_file(potential, topology, frame),
            "crystal\n\n2 atoms\n1 atom types\n0 3 xlo xhi\n0 4 ylo yhi\n0 5.5 zlo zhi\n\n"
            "Masses\n\n1 63.546\n\nAtoms # atomic\n\n1 1 0 0 0\n2 1 1.5 2 0.1\n");
  frame.cell(0, 1) = 0.5;
  EXPECT_THROW((void)data_file(potential, topology, frame), Error);
}

TEST(DataFile, HasTypesAndChargesAndANeutralCellOnly) {
  Potential potential;
  potential.types = {{"Cs", "Cs", {}}, {"I", "I", {}}};
  potential.charges = {{"Cs", 1.25}, {"I", -1.25}};
  Topology topology;
  topology.types = {"Cs", "I"};
  topology.type = {0, 1};
  atoms::Frame frame;
  frame.cell = Eigen::Vector3d(4, 4, 4).asDiagonal();
  frame.positions = Eigen::MatrixX3d::Zero(2, 3);
  frame.positions(1, 0) = 2;
  frame.species = {0, 1};
  EXPECT_THAT(data_file(potential, topology, frame), HasSubstr("2 atom types"));
  EXPECT_THAT(data_file(potential, topology, frame),
              HasSubstr("1 132.91\n2 126.91\n\nAtoms # charge\n\n"
                        "1 1 1.25 0 0 0\n2 2 -1.25 2 0 0\n"));
  topology.type = {0, 0};
  try {
    (void)data_file(potential, topology, frame);
    ADD_FAILURE() << "a charged cell";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("add up to 2.50 e"));
  }
}

}  // namespace
}  // namespace twin::md::plan_test
