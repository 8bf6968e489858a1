// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/factors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <random>
#include <string>
#include <vector>

#include "core/constants.h"
#include "core/file.h"
#include "core/text.h"
#include "cubic_cspbi3.h"
#include "md/bank.h"
#include "md/commands.h"
#include "md/copper.h"
#include "md/methylammonium.h"
#include "md/plan.h"
#include "message_of.h"
#include "places.h"
#include "process/child.h"

namespace twin::md::factors_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

record::Model cspbi3() {
  use_own_share();
  record::Model model;
  model.name = "cspbi3";
  model.structure = cubic_cspbi3(6.29, 2);
  model.temperature = 634;
  model.potentials = {"myp-cspbi3"};
  return model;
}

record::Model with(record::Model model, const std::map<std::string, double>& factors) {
  for (const auto& [name, value] : factors) model.free.push_back({name, value, "", 0.5, 2, {}, {}});
  return model;
}

/// The crystal, its atoms off their sites.
atoms::Frame shaken(const Plan& plan, double by) {
  std::mt19937_64 random{3};
  std::normal_distribution<double> normal(0, by);
  atoms::Frame frame = plan.system.ideal;
  frame.positions += Eigen::MatrixX3d::Zero(frame.positions.rows(), 3).unaryExpr([&](double) {
    return normal(random);
  });
  return frame;
}

/// What LAMMPS says of a frame: potential energy in eV, virial in bar.
struct Said {
  double energy_eV = 0.0, virial_bar = 0.0;
};

Said lammps(const Potential& potential, const Topology& topology, const atoms::Frame& frame) {
  const TemporaryFolder folder("twinline-test");
  write_file_atomically(folder.path() + "/atoms.data", data_file(potential, topology, frame));
  write_file_atomically(
      folder.path() + "/in",
      "units metal\n" + style_commands(potential, topology) + "read_data atoms.data\n" +
          pair_commands(potential, topology.types, 1) + bonded_commands(potential, topology) +
          "compute virial all pressure NULL virial\nthermo_style custom pe c_virial\n"
          "thermo_modify norm no format line \"SAYS%.12g %.12g\"\nrun 0\n");
  const auto ran = process::run({.argv = {"lmp", "-log", "none", "-in", "in"},
                                 .folder = folder.path(),
                                 .environment = {{"OMPI_MCA_ess_singleton_isolated", "1"}}},
                                process::Seconds(60));
  for (const auto line : split(ran.out, '\n'))
    if (line.starts_with("SAYS")) {
      const auto fields = words(line.substr(4));
      return {parse_double(fields.at(0)).value(), parse_double(fields.at(1)).value()};
    }
  ADD_FAILURE() << ran.out;
  return {};
}

/// Energy and virial that factors add to a frame, by the formulas and by LAMMPS.
void expect_what_lammps_says(const record::Model& model, double shaken_by, double scale_eV) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  const Plan plan = make_plan(model);
  const atoms::Frame frame = shaken(plan, shaken_by);
  const std::vector<double> ones(plan.factors.values().size(), 1.0);
  const auto after = plan.factors.part(frame, plan.factors.values());
  const auto before = plan.factors.part(frame, ones);
  const Said one = lammps(plan.described, plan.system.topology, frame);
  const Said other = lammps(plan.system.potential, plan.system.topology, frame);
  const double energy = other.energy_eV - one.energy_eV;
  EXPECT_GT(std::abs(energy), scale_eV);
  EXPECT_NEAR(after.energy_eV - before.energy_eV, energy, 1e-5 * scale_eV);
  const double volume = frame.cell.determinant() * eV_per_bar_A3;
  EXPECT_NEAR(-(after.radial_eV - before.radial_eV) / (3 * volume),
              other.virial_bar - one.virial_bar,
              1e-5 * std::abs(other.virial_bar - one.virial_bar));
}

TEST(Factors, SlopesAreTheDerivativesOfTheEnergy) {
  const Plan plan =
      make_plan(with(cspbi3(), {{"A_Pb-I", 1.02}, {"rho_Pb-I", 0.99}, {"C_I-I", 1.1}}));
  const atoms::Frame frame = shaken(plan, 0.15);
  const auto slopes = plan.factors.slopes(frame);
  ASSERT_EQ(slopes.size(), 3U);
  constexpr double step = 1e-5;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    auto up = plan.factors.values(), down = up;
    up[i] += step;
    down[i] -= step;
    const double secant =
        (plan.factors.part(frame, up).energy_eV - plan.factors.part(frame, down).energy_eV) /
        (2 * step);
    EXPECT_GT(std::abs(secant), 0.1) << plan.factors.name(i);
    EXPECT_NEAR(slopes[i] / secant, 1, 1e-7) << plan.factors.name(i);
  }
}

TEST(Factors, TellWhatOthersChangeInOneGo) {
  const Plan plan = make_plan(with(cspbi3(), {{"A_Pb-I", 1.02}, {"rho_Pb-I", 0.99}}));
  const atoms::Frame frame = shaken(plan, 0.15);
  const auto change = plan.factors.change_from({1.01, 1.0}, frame);
  const auto before = plan.factors.part(frame, {1.01, 1.0});
  const auto after = plan.factors.part(frame, plan.factors.values());
  EXPECT_NEAR(change.part.energy_eV, after.energy_eV - before.energy_eV, 1e-9);
  EXPECT_NEAR(change.part.radial_eV, after.radial_eV - before.radial_eV, 1e-8);
  EXPECT_EQ(change.slopes, plan.factors.slopes(frame));
}

// An atom a whole cell away is where its image is: its pairs are searched for, the others known.
TEST(Factors, AreThoseOfAtomsThatLeftTheirSites) {
  const Plan plan = make_plan(with(cspbi3(), {{"A_Pb-I", 1.02}, {"C_I-I", 0.9}}));
  atoms::Frame frame = shaken(plan, 0.15);
  const auto known = plan.factors.slopes(frame);
  frame.positions.row(2) += frame.cell.row(1);
  const auto searched = plan.factors.slopes(frame);
  for (std::size_t i = 0; i < known.size(); ++i) EXPECT_NEAR(searched[i] / known[i], 1, 1e-12);
}

TEST(Factors, OfIonsAreWhatLammpsSays) {
  expect_what_lammps_says(
      with(cspbi3(), {{"A_Pb-I", 1.02}, {"rho_Cs-I", 0.99}, {"C_I-I", 1.1}, {"A_I-I", 0.97}}), 0.15,
      0.1);
}

// Pairs up to three bonds apart count for nothing or a half, bonds have terms of their own.
TEST(Factors, OfMoleculesAreWhatLammpsSays) {
  expect_what_lammps_says(with(mapbi3_model(), {{"epsilon_HC-HN", 1.2},
                                                {"sigma_C-N", 1.01},
                                                {"k_C-N", 1.1},
                                                {"r0_C-N", 1.01},
                                                {"A_N-I", 1.03}}),
                          0.03, 0.01);
}

TEST(Factors, MultiplyTheNumbersBothWaysRound) {
  const Plan plan = make_plan(with(cspbi3(), {{"A_I-Pb", 1.5}}));
  for (const auto& [one, other] : {std::pair("Pb", "I"), std::pair("I", "Pb")})
    EXPECT_NEAR(plan.system.potential.pairs.at({one, other}).a_eV /
                    plan.described.pairs.at({one, other}).a_eV,
                1.5, 1e-12);
  EXPECT_EQ(key_of(plan), key_of(make_plan(with(cspbi3(), {{"A_I-Pb", 1.2}}))));
  EXPECT_NE(key_of(plan), key_of(make_plan(with(cspbi3(), {{"A_Cs-I", 1.5}}))));
}

TEST(Factors, ComplainOfWhatIsNotThere) {
  const auto said = [](const record::Model& model, const std::map<std::string, double>& factors) {
    return message_of([&] { (void)make_plan(with(model, factors)); }, Cause::configuration);
  };
  EXPECT_THAT(said(cspbi3(), {{"A_Pb-Br", 1}}),
              AllOf(HasSubstr("myp-cspbi3 has no such number"), HasSubstr("A_Pb-I, rho_Pb-I")));
  EXPECT_THAT(said(cspbi3(), {{"C_Pb-I", 1}}), HasSubstr("no such number"));  // it is 0
  EXPECT_THAT(said(cspbi3(), {{"A_Pb-I", 0}}), HasSubstr("above 0"));
  EXPECT_THAT(said(cspbi3(), {{"A_Pb-I", 1}, {"A_I-Pb", 1}}), HasSubstr("is A_I-Pb"));
  EXPECT_THAT(said(mapbi3_model(), {{"k_C-HC", 1}}), HasSubstr("rigid"));
  EXPECT_THAT(said(copper_model(), {{"A_Cu-Cu", 1}}), HasSubstr("nothing that can vary"));
  record::Model lead = cspbi3();
  std::erase_if(lead.structure.sites, [](const auto& site) { return site.element == "Cs"; });
  EXPECT_THAT(said(lead, {{"A_Cs-I", 1}}), HasSubstr("the structure has no Cs"));
}

TEST(Factors, AreKnownByTheirNames) {
  for (const char* name : {"A_Cs-I", "rho_Pb-I", "r0_C-N", "sigma_HC-HN"})
    EXPECT_TRUE(record::is_factor(name)) << name;
  for (const char* name : {"a", "A_", "A_I", "A_-I", "A_I-", "vacancy_I", "q_I", "strain"})
    EXPECT_FALSE(record::is_factor(name)) << name;
}

}  // namespace
}  // namespace twin::md::factors_test
