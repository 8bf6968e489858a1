// SPDX-License-Identifier: GPL-3.0-or-later
// Complexes by themselves, and the potential that holds them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cstdlib>
#include <string>

#include "atoms/complex.h"
#include "atoms/crystal.h"
#include "core/error.h"
#include "core/file.h"
#include "md/commands.h"
#include "md/complexes.h"
#include "md/plan.h"
#include "message_of.h"
#include "places.h"

namespace twin::md::restraints_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string shared_text() {
  use_own_share();
  return read_file(shared_file("potentials/iodoplumbate.yaml"));
}

TEST(Complex, HasItsLigandsOnTheCornersOfAnOctahedron) {
  const auto found = atoms::build_complex({"Pb", {{"I", 3, 3.18}, {"O", 2, 2.5}}, 30});
  ASSERT_EQ(found.sites.size(), 6U);
  EXPECT_EQ(found.sites[0].element, "Pb");
  const auto from_centre = [&](std::size_t i) -> Eigen::Vector3d {
    return 30 * (found.sites[i].fractional - found.sites[0].fractional);
  };
  for (const std::size_t i : {1U, 2U, 3U}) {
    EXPECT_EQ(found.sites[i].element, "I");
    EXPECT_NEAR(from_centre(i).norm(), 3.18, 1e-9);
    for (const std::size_t j : {1U, 2U, 3U})  // facial
      EXPECT_NEAR(from_centre(i).dot(from_centre(j)), i == j ? 3.18 * 3.18 : 0, 1e-9);
  }
  EXPECT_NEAR(from_centre(4).norm(), 2.5, 1e-9);
  // Five ligands, all on one side of a plane through Pb but for those in it: one side is open.
  for (std::size_t i = 1; i < 6; ++i) EXPECT_GE(from_centre(i)[2], -1e-9);
}

TEST(Complex, IsHeldByBondsAndRightAngles) {
  const Plan plan = make_plan(complex_of(3, 3));
  const Topology& topology = plan.system.topology;
  EXPECT_EQ(topology.bonds.size(), 6U);
  EXPECT_EQ(topology.angles.size(), 12U);  // of 15 pairs of ligands 3 are opposite
  EXPECT_TRUE(topology.molecules.empty());
  EXPECT_EQ(topology.framework().size(), 7U);
  EXPECT_THAT(plan.warnings, Contains(HasSubstr("no force field")));
  const Potential& potential = plan.system.potential;
  EXPECT_EQ(pair_commands(potential, topology.types), "pair_style zero 6.0\npair_coeff * *\n");
  EXPECT_EQ(style_commands(potential, topology),
            "atom_style angle\nbond_style harmonic\nangle_style harmonic\n");
  EXPECT_THAT(bonded_commands(potential, topology), HasSubstr("bond_coeff 1 1.2926 3.18\n"));
  EXPECT_THAT(data_file(potential, topology, plan.system.ideal),
              HasSubstr("Atoms # angle\n\n1 1 1 15 15 15\n2 2 2 18.18 15 15\n"));
  // One ligand more of the one and one less of the other: another complex.
  EXPECT_EQ(make_plan(complex_of(4, 2)).system.topology.bonds.size(), 6U);
  EXPECT_EQ(make_plan(complex_of(2, 0)).system.topology.angles.size(), 1U);
  record::Model two = complex_of(3, 3);
  two.structure.supercell = {2, 1, 1};
  EXPECT_THAT(message_of([&] { static_cast<void>(make_plan(two)); }, Cause::configuration),
              HasSubstr("2 complexes, which would turn"));
}

TEST(Restraints, AreReadAndChecked) {
  const std::string text = shared_text();
  const auto said = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return message_of([&] { static_cast<void>(parse_potential(changed, "x.yaml")); },
                      Cause::configuration);
  };
  const Potential potential = parse_potential(text, "x.yaml");
  EXPECT_TRUE(potential.restrains());
  EXPECT_EQ(potential.bonds.size(), 2U);
  EXPECT_EQ(potential.angles.size(), 3U);
  // σ² of a classical bond at 300 K, as the file says: kT/2K.
  EXPECT_NEAR(8.617333e-5 * 300 / (2 * potential.bonds[0].k_eV_A2), 0.010, 1e-5);
  EXPECT_NEAR(8.617333e-5 * 300 / (2 * potential.bonds[1].k_eV_A2), 0.012, 1e-5);
  EXPECT_THAT(said("1 eV, 90 deg", "1 eV, 109 deg"), HasSubstr("expected 90 deg"));
  EXPECT_THAT(said("temperature_max: 450 K\n", ""), HasSubstr("temperature_max is missing"));
  EXPECT_THAT(said("bond Pb-I", "bond Pb-Br"), HasSubstr("there is no type 'Br'"));
  EXPECT_THAT(said("timestep: 2 fs", "cutoff: 10 Å"), HasSubstr("cutoff"));
}

TEST(Complex, IsTurnedBackOntoItsSites) {
  const Plan plan = make_plan(complex_of(3, 3));
  const Eigen::MatrixX3d& sites = plan.system.ideal.positions;
  const Eigen::Matrix3d turn =
      Eigen::AngleAxisd(2.1, Eigen::Vector3d(1, 2, -0.5).normalized()).toRotationMatrix();
  Eigen::MatrixX3d away = sites * turn.transpose();
  away.rowwise() += Eigen::RowVector3d(3, -2, 11);
  EXPECT_TRUE(atoms::turned_onto(away, sites).isApprox(sites, 1e-9));
  // Lengths stay what they are, and so does handedness.
  away(1, 0) += 0.3;
  const Eigen::MatrixX3d back = atoms::turned_onto(away, sites);
  EXPECT_NEAR((back.row(1) - back.row(0)).norm(), (away.row(1) - away.row(0)).norm(), 1e-9);
  EXPECT_LT((back - sites).norm(), 0.35);
  const auto volume = [](const Eigen::MatrixX3d& p) {
    const Eigen::RowVector3d a = p.row(1) - p.row(0), b = p.row(2) - p.row(0),
                             c = p.row(3) - p.row(0);
    return a.cross(b).dot(c);
  };
  EXPECT_NEAR(volume(back), volume(away), 1e-9);
}

TEST(Complex, ThatCannotBeIsRefused) {
  const auto said = [](const record::Complex& complex) {
    return message_of([&] { static_cast<void>(atoms::build_complex(complex)); },
                      Cause::configuration);
  };
  EXPECT_THAT(said({"Pb", {{"I", 7, 3.2}}, 30}), HasSubstr("over six ligands"));
  EXPECT_THAT(said({"Pb", {{"I", 0, 3.2}}, 30}), HasSubstr("no ligand"));
  EXPECT_THAT(said({"Pb", {{"I", 1, 0.2}}, 30}), HasSubstr("expected 1 to 5 Å"));
  EXPECT_THAT(said({"Pb", {{"I", 1, 3.2}}, 3}), HasSubstr("expected 10 to 1000 Å"));
  EXPECT_THAT(said({"Xx", {{"I", 1, 3.2}}, 30}), HasSubstr("Xx"));
}

}  // namespace
}  // namespace twin::md::restraints_test
