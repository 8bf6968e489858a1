// SPDX-License-Identifier: GPL-3.0-or-later
// The outputs in tests/data/cp2k are of Debian's CP2K 2023.1 on the input that cp2k_input() writes,
// cut to what is read: converged, and with two SCF steps.
#include "potential/cp2k.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "message_of.h"
#include "places.h"
#include "process/child.h"

namespace twin::potential::cp2k_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// CsPbI3, Pb moved by 0.05 Å along z.
Unlabelled perovskite() {
  Unlabelled frame{{"Pb", "Cs", "I", "I", "I"}, 6.29 * Eigen::Matrix3d::Identity(), {}};
  frame.positions.resize(5, 3);
  frame.positions << 0, 0, 0.05, 3.145, 3.145, 3.145, 3.145, 0, 0, 0, 3.145, 0, 0, 0, 3.145;
  return frame;
}

std::string stored(const std::string& name) { return read_file(test_data_dir() + "/cp2k/" + name); }

std::string said(const std::string& output, const Unlabelled& frame = perovskite()) {
  return message_of([&] { (void)parse_cp2k(output, frame, "out"); });
}

TEST(Cp2k, OutputIsReadInOurUnits) {
  const Labels labels = parse_cp2k(stored("cspbi3.out"), perovskite(), "out");
  EXPECT_NEAR(labels.energy_eV, -58.322119353110907 * 27.211386245988, 1e-9);
  // 1 hartree/bohr = 51.4220675 eV/Å.
  EXPECT_NEAR(labels.forces(0, 2), -0.00281965 * 51.4220675, 1e-8);
  EXPECT_NEAR(labels.forces.col(2).sum(), 0, 1e-6);
  // A third of the trace is 0.1234 GPa, positive: PBE wants more room than 6.29 Å.
  EXPECT_NEAR(labels.virial_eV->trace() / 3 / std::pow(6.29, 3) * 160.2176634, 0.123389707591,
              1e-9);
  EXPECT_GT((*labels.virial_eV)(2, 2), (*labels.virial_eV)(0, 0));
}

TEST(Cp2k, WithoutConvergenceThereAreNoLabels) {
  EXPECT_THAT(said(stored("unconverged.out")), HasSubstr("out: the SCF did not converge"));
}

TEST(Cp2k, CutAnywhereItIsAnError) {
  const std::string whole = stored("cspbi3.out");
  for (std::size_t cut = 0; cut < whole.rfind("PROGRAM"); cut += 7)
    EXPECT_THAT(said(whole.substr(0, cut)), Not("no error")) << cut;
}

TEST(Cp2k, OutputOfOtherAtomsIsSeen) {
  Unlabelled frame = perovskite();
  std::swap(frame.elements[0], frame.elements[1]);
  EXPECT_THAT(said(stored("cspbi3.out"), frame), HasSubstr("forces: atom 1 is Pb; Cs is expected"));
  frame.elements.emplace_back("I");
  frame.positions.conservativeResize(6, 3);
  EXPECT_THAT(said(stored("cspbi3.out"), frame), Not("no error"));
}

TEST(Cp2k, InputHasTheCrystalAndAsManyPointsAsItNeeds) {
  const std::string input = cp2k_input(perovskite(), {});
  EXPECT_THAT(input, HasSubstr("A 6.29 0 0\n"));
  EXPECT_THAT(input, HasSubstr("Pb 0 0 0.05\n"));
  EXPECT_THAT(input, HasSubstr("SCHEME MONKHORST-PACK 2 2 2\n"));
  EXPECT_THAT(input, HasSubstr("&KIND Cs\n      BASIS_SET DZVP-MOLOPT-SR-GTH\n"));
  Unlabelled large = perovskite();
  large.cell *= 2;
  EXPECT_THAT(cp2k_input(large, {}), Not(HasSubstr("KPOINTS")));
  large.elements[0] = "Pb\n&END";
  EXPECT_THAT(message_of([&] { (void)cp2k_input(large, {}); }, Cause::configuration),
              HasSubstr("&END"));
}

TEST(Cp2k, MissingNamesThePackage) {
  Cp2kSettings settings;
  settings.program = "no-such-cp2k";
  EXPECT_THAT(message_of([&] { (void)label_by_cp2k(perovskite(), settings); }, Cause::unavailable),
              HasSubstr("no-such-cp2k: not found; Debian packages cp2k and cp2k-data have it"));
}

/// The real program on two atoms of helium, 2 s each: the forces are those of the energy.
TEST(Cp2k, ForcesAreSlopesOfTheEnergy) {
  if (process::find_program("cp2k.psmp").empty()) GTEST_SKIP() << "skipped: no cp2k.psmp";
  Unlabelled frame{{"He", "He"}, 5.0 * Eigen::Matrix3d::Identity(), Eigen::MatrixX3d::Zero(2, 3)};
  Cp2kSettings settings;
  settings.k_spacing = 2;  // the zone's centre: all that two atoms of helium need
  const auto at = [&](double distance) {
    frame.positions(1, 0) = distance;
    return label_by_cp2k(frame, settings);
  };
  const double step = 0.02;
  const double slope = (at(1.6 + step).energy_eV - at(1.6 - step).energy_eV) / (2 * step);
  const Labels labels = at(1.6);
  EXPECT_GT(labels.forces(1, 0), 0.1);  // they push each other off
  EXPECT_NEAR(labels.forces(1, 0), -slope, 0.02 * labels.forces(1, 0) + 0.01);
  // The grid of 280 Ry leaves the two a net force of 0.016 eV/Å.
  EXPECT_NEAR(labels.forces(0, 0), -labels.forces(1, 0), 0.03);
}

}  // namespace
}  // namespace twin::potential::cp2k_test
