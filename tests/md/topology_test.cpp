// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "atoms/crystal.h"
#include "core/error.h"
#include "md/commands.h"
#include "md/methylammonium.h"
#include "places.h"

namespace twin::md::topology_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Methylammonium : public ::testing::Test {
 protected:
  void SetUp() override {
    use_own_share();
    potential = find_potential("myp-mapbi3");
  }

  [[nodiscard]] Topology find(const record::Structure& structure) const {
    return find_topology(potential, atoms::build_crystal(structure), atoms::elements(structure));
  }

  [[nodiscard]] std::string refusal(const std::function<void(record::Structure&)>& change) const {
    record::Structure structure = mapbi3();
    change(structure);
    try {
      (void)find(structure);
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::configuration);
      return error.what();
    }
    return "(nothing was thrown)";
  }

  Potential potential;
};

TEST_F(Methylammonium, HasItsTypesBondsAnglesAndDihedrals) {
  const Topology topology = find(mapbi3());
  EXPECT_EQ(topology.types, (std::vector<std::string>{"Pb", "I", "C", "N", "HC", "HN"}));
  EXPECT_EQ(topology.type, (std::vector<int>{0, 1, 1, 1, 2, 3, 4, 4, 4, 5, 5, 5}));
  EXPECT_EQ(topology.bonds.size(), 7U);
  EXPECT_EQ(topology.angles.size(), 12U);    // six at either end
  EXPECT_EQ(topology.dihedrals.size(), 9U);  // 3 × 3
  EXPECT_EQ(topology.constraints, 6);
  EXPECT_EQ(topology.framework(), (std::vector<int>{0, 1, 2, 3}));
  std::map<int, int> angles;
  for (const auto& angle : topology.angles) ++angles[angle.term];
  EXPECT_EQ(angles, (std::map<int, int>{{0, 3}, {1, 3}, {2, 3}, {3, 3}}));
}

TEST_F(Methylammonium, IsFoundAcrossTheFacesOfTheCell) {
  record::Structure moved = mapbi3(2);
  for (auto& site : moved.sites)
    for (double& x : site.at) x = x + 0.45 - std::floor(x + 0.45);
  const Topology topology = find(moved);
  EXPECT_EQ(topology.molecules.size(), 8U);
  EXPECT_EQ(topology.bonds.size(), 56U);
  const atoms::Frame frame = atoms::build_crystal(moved);
  for (const auto& molecule : topology.molecules)
    EXPECT_NEAR(atoms::radius(molecule, frame), 1.507, 1e-3);
}

TEST_F(Methylammonium, DoesNotDependOnTheOrderOfTheSites) {
  record::Structure turned = mapbi3();
  std::ranges::reverse(turned.sites);
  const Topology topology = find(turned);
  EXPECT_EQ(topology.angles.size(), 12U);
  EXPECT_EQ(topology.types.front(), "HN");
}

TEST_F(Methylammonium, IsFoundWithTheShortHydrogensOfXRays) {
  record::Structure structure = mapbi3();
  for (std::size_t i = 6; i < 12; ++i) {
    const auto& heavy = structure.sites[i < 9 ? 4 : 5].at;
    for (std::size_t x = 0; x < 3; ++x)
      structure.sites[i].at[x] = heavy[x] + 0.86 * (structure.sites[i].at[x] - heavy[x]);
  }
  EXPECT_EQ(find(structure).bonds.size(), 7U);
}

TEST_F(Methylammonium, WithoutAHydrogenIsRefusedByName) {
  EXPECT_EQ(refusal([](auto& s) { s.sites.pop_back(); }),
            "structure: atom 6 (N) is bonded to C H H; myp-mapbi3 has N bonded to C H H H");
  EXPECT_THAT(refusal([](auto& s) { s.sites.erase(s.sites.begin() + 6); }),
              HasSubstr("atom 5 (C) is bonded to H H N; myp-mapbi3 has C bonded to H H H N"));
}

TEST_F(Methylammonium, AtomsThatFitNoTypeAreNamed) {
  EXPECT_EQ(refusal([](auto& s) {
              s.sites.push_back({"H", {0.25, 0.25, 0.25}});
            }),
            "structure: atom 13 (H) is bonded to nothing; myp-mapbi3 has H bonded to C, or to N");
  EXPECT_THAT(refusal([](auto& s) { s.sites[0].element = "Sn"; }),
              HasSubstr("is of Pb, I, C, N, H, the structure has 'Sn'"));
  EXPECT_THAT(refusal([](auto& s) { s.sites[5].at[2] -= 0.1; }),
              HasSubstr("atom 5 (C) and atom 6 (N) are 0.868 Å apart"));
}

TEST_F(Methylammonium, EveryChainNeedsItsTerm) {
  potential.dihedrals.clear();
  EXPECT_THAT(refusal([](auto&) {}), HasSubstr("has no dihedral H"));
  potential.angles.pop_back();
  EXPECT_THAT(refusal([](auto&) {}), HasSubstr("has no "));
}

TEST_F(Methylammonium, RigidBondsInARowAreRefused) {
  for (auto& bond : potential.bonds) bond.rigid = true;
  EXPECT_THAT(refusal([](auto&) {}), HasSubstr("SHAKE holds up to three around an atom"));
}

TEST_F(Methylammonium, IsWrittenForLammps) {
  const Topology topology = find(mapbi3());
  const std::string data = data_file(potential, topology, atoms::build_crystal(mapbi3()));
  EXPECT_THAT(data, StartsWith("crystal\n\n12 atoms\n6 atom types\n7 bonds\n3 bond types\n"
                               "12 angles\n4 angle types\n9 dihedrals\n1 dihedral types\n0 6.31"));
  EXPECT_THAT(data, HasSubstr("Atoms # full\n\n1 2 1 2.03 0 0 0\n2 3 2 -1.13 3.155 0 0\n"));
  EXPECT_THAT(data, HasSubstr("\n5 1 3 0.771 3.155 3.155 "));
  EXPECT_THAT(data, HasSubstr("\nBonds\n\n1 "));
  EXPECT_EQ(style_commands(potential, topology),
            "atom_style full\nbond_style harmonic\nangle_style harmonic\n"
            "dihedral_style charmm\nspecial_bonds lj 0 0 0.5 coul 0 0 0.8333333333\n");
  const std::string pairs = pair_commands(potential, topology.types);
  EXPECT_THAT(pairs, StartsWith("pair_style hybrid buck/coul/long 10 lj/cut/coul/long 10\n"
                                "pair_coeff 1 1 buck/coul/long "));
  EXPECT_THAT(pairs, HasSubstr("pair_coeff 5 6 lj/cut/coul/long 0.000680"));  // 0.0157 kcal/mol
  EXPECT_THAT(bonded_commands(potential, topology), HasSubstr("bond_coeff 3 12.73"));  // 293.6
  EXPECT_THAT(bonded_commands(potential, topology), HasSubstr("dihedral_coeff 1 0.00674"));
  EXPECT_EQ(rigid_command(potential, topology), "fix rigid all shake 1.0e-4 50 0 b 1 2\n");
}

TEST_F(Methylammonium, ALatticeAloneNeedsNoBonds) {
  record::Structure lattice = mapbi3();
  lattice.sites.resize(1);
  const Topology topology = find(lattice);
  EXPECT_TRUE(topology.molecules.empty());
  EXPECT_EQ(style_commands(potential, topology), "atom_style charge\n");
  EXPECT_EQ(bonded_commands(potential, topology) + rigid_command(potential, topology), "");
}

}  // namespace
}  // namespace twin::md::topology_test
