// SPDX-License-Identifier: GPL-3.0-or-later
// Molecules in a crystal, in the real engine: 96 atoms of MAPbI3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "atoms/crystal.h"
#include "core/file.h"
#include "core/text.h"
#include "md/commands.h"
#include "md/methylammonium.h"
#include "md/simulate.h"
#include "md/topology.h"
#include "process/child.h"

namespace twin::md::molecules_engine_test {
namespace {

using ::testing::HasSubstr;

class MoleculesEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
    model = mapbi3_model();
    model.run.equilibrate = 1000;
    model.run.produce = 4000;
    model.run.sample_every = 20;
  }

  static double value(const Outcome& outcome, const std::string& name) {
    return *outcome.quantities.at(name).value;
  }

  record::Model model;
  Engine engine;
};

/// Å; C is atom 5 and N atom 6 of the first cell.
Eigen::Vector3d axis(const atoms::Frame& frame) {
  return (frame.positions.row(5) - frame.positions.row(4)).transpose();
}

TEST_F(MoleculesEngine, TurnAndKeepTheirRigidBonds) {
  // A cell that moves takes atoms along after SHAKE has put them right: 7e-4 Å at most are seen.
  model.pressure_bar.reset();
  double longest = 0, shortest = 10, least = 1;
  std::vector<Eigen::Vector3d> first(2, Eigen::Vector3d::Zero());
  engine.run(model,
             [&](const Sample& sample) {
               const auto& x = sample.frame.positions;
               for (Eigen::Index cell = 0; cell < 8; ++cell)
                 for (Eigen::Index h = 6; h < 9; ++h) {
                   const double r = (x.row(12 * cell + h) - x.row(12 * cell + 4)).norm();
                   longest = std::max(longest, r);
                   shortest = std::min(shortest, r);
                 }
               const Eigen::Vector3d now = axis(sample.frame).normalized();
               auto& start = first[static_cast<std::size_t>(sample.replica)];
               if (start.isZero()) start = now;
               least = std::min(least, now.dot(start));
             },
             {});
  EXPECT_NEAR(longest, 1.091, 3e-4);  // SHAKE to 1e-4
  EXPECT_NEAR(shortest, 1.091, 3e-4);
  EXPECT_LT(least, 0.5) << "no molecule turned in 4 ps";
  EXPECT_LT(first[0].dot(first[1]), 0.999) << "replicas begin alike";
}

TEST_F(MoleculesEngine, HasTheFrameworksShellsOnly) {
  const Outcome outcome = engine.run(model, {}, {});
  EXPECT_EQ(outcome.atoms, 96);
  for (const auto& [name, quantity] : outcome.quantities) {
    EXPECT_TRUE(std::isfinite(*quantity.value) && std::isfinite(*quantity.sigma)) << name;
    if (name.starts_with("r:") || name.starts_with("n:")) {
      EXPECT_THAT((std::vector<std::string>{"Pb-I.1", "I-Pb.1", "Pb-Pb.1", "I-I.1"}),
                  ::testing::Contains(name.substr(2)));
    }
  }
  // Octahedra are those of Pb and I, whatever is nearer: their tilts are small.
  EXPECT_GT(value(outcome, "angle:Pb-I-Pb"), 150);
  EXPECT_LT(value(outcome, "tilt:a"), 15);
  // Near what 960 atoms have, a 6.295 Å, r 3.169 Å, σ² 0.028 Å²: here 4 ps of 96.
  EXPECT_NEAR(std::cbrt(value(outcome, "volume")), 6.30, 0.04);
  EXPECT_NEAR(value(outcome, "r:Pb-I.1"), 3.173, 0.03);
  EXPECT_NEAR(value(outcome, "sigma2:Pb-I.1"), 0.031, 0.012);
  EXPECT_NEAR(value(outcome, "n:Pb-I.1"), 6, 0.1);
  EXPECT_LT(value(outcome, "rmsd"), 0.6);  // hydrogen alone would have over 1 Å
  EXPECT_THAT(outcome.warnings, ::testing::Contains(HasSubstr("rigid charges")));
}

/// Energies of one configuration, eV: pair terms, all Coulomb, bonds, angles, dihedrals.
std::vector<double> energies(const atoms::Frame& frame, const record::Structure& structure) {
  const Potential potential = find_potential("myp-mapbi3");
  const Topology topology = find_topology(potential, frame, atoms::elements(structure));
  const TemporaryFolder folder{"energies"};
  create_file(folder.path() + "/atoms.data", data_file(potential, topology, frame));
  create_file(
      folder.path() + "/in",
      "units metal\n" + style_commands(potential, topology) + "read_data atoms.data\n" +
          pair_commands(potential, topology.types) + bonded_commands(potential, topology) +
          "kspace_style pppm 1.0e-7\nthermo_style custom evdwl ecoul elong ebond eangle edihed\n" +
          "run 0 post no\n" +
          "print \"ENERGIES $(evdwl:%.9f) $(ecoul+elong:%.9f) $(ebond:%.9f) "
          "$(eangle:%.9f) $(edihed:%.9f)\"\n");
  const auto said =
      process::run({.argv = {"lmp", "-in", "in", "-log", "none"}, .folder = folder.path()},
                   process::Seconds(60));
  std::vector<double> out;
  for (const auto line : split(said.out, '\n'))
    if (line.starts_with("ENERGIES"))
      for (const auto word : words(line.substr(8))) out.push_back(*parse_double(word));
  return out;
}

TEST_F(MoleculesEngine, HasTheEnergiesOfTheModelAsOthersWriteIt) {
  // The same atoms in LAMMPS 29 Sep 2021 with the model's numbers in units real (kcal/mol), from
  // an input that was not written by this program: 551.470331, -6224.871161, 37.125722, 19.337277
  // and 0.362577 kcal/mol. 1e-5 eV: both unit systems' Coulomb constants differ by 2e-8.
  atoms::Frame frame = atoms::build_crystal(model.structure);
  for (Eigen::Index i = 0; i < frame.positions.rows(); ++i)
    for (int x = 0; x < 3; ++x)
      frame.positions(i, x) += 0.05 * std::sin(3.0 * static_cast<double>(i) + x);
  const std::vector<double> found = energies(frame, model.structure);
  const std::vector<double> expected{23.9140169, -269.9359612, 1.6099237, 0.8385437, 0.0157228};
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
}

TEST_F(MoleculesEngine, IsAsWarmAsTheThermostat) {
  // 96 atoms, 48 rigid bonds: 237 degrees of freedom, 9 % a frame. Heating of the light atoms by
  // the heavy ones' random forces would show as 80 K.
  model.run.produce = 12000;
  const Outcome outcome = engine.run(model, {}, {});
  const auto& temperature = outcome.quantities.at("temperature_md");
  EXPECT_NEAR(*temperature.value, 350, 4 * *temperature.sigma + 1);
  EXPECT_LT(*temperature.sigma, 8);
  // At no pressure, within what a box of 12.6 Å fluctuates by.
  const auto& pressure = outcome.quantities.at("pressure");
  EXPECT_NEAR(*pressure.value, 0, 4 * *pressure.sigma);
}

TEST_F(MoleculesEngine, SameSeedGivesTheSameNumbersColdOrWarm) {
  model.run.equilibrate = 200;
  model.run.produce = 400;
  const Outcome cold = engine.run(model, {}, {});
  const Outcome warm = engine.run(model, {}, {});
  for (const auto& [name, quantity] : cold.quantities)
    EXPECT_EQ(*quantity.value, *warm.quantities.at(name).value) << name;
}

}  // namespace
}  // namespace twin::md::molecules_engine_test
