// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "md/commands.h"
#include "places.h"

namespace twin::md::potentials_test {
namespace {

using ::testing::HasSubstr;

const std::string good =
    "# a comment\nname: X\nelement: Cu\nfile: X.eam\npair_style: eam\nmass: 63.546 u\n"
    "lattice_min: 3.4 Å\nlattice_max: 0.39 nm\ntemperature_max: 1200 K\n"
    "source: \"A. Nobody, J. Irrep. Res. 1, 2 (1999): doi:10.1/2\"\nlicence: none\n";

std::string message_of(const std::string& text) {
  try {
    (void)parse_potential(text, "X.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    return error.what();
  }
  return "(nothing was thrown)";
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = good;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Potential, IsRead) {
  const Potential potential = parse_potential(good, "X.yaml");
  EXPECT_EQ(potential.name, "X");
  EXPECT_EQ(potential.mass, 63.546);
  EXPECT_NEAR(potential.lattice_max, 3.9, 1e-12);
  EXPECT_EQ(potential.source, "A. Nobody, J. Irrep. Res. 1, 2 (1999): doi:10.1/2");
  EXPECT_EQ(pair_commands(potential, {"Cu"}),
            "pair_style eam\npair_coeff 1 1 twinline.potential\n");
}

TEST(Potential, CutAtAnyByteIsAnErrorOrWhole) {
  for (std::size_t cut = 0; cut + 2 < good.size() - std::string("licence: none").size(); ++cut)
    EXPECT_NE(message_of(good.substr(0, cut)), "(nothing was thrown)") << cut;
}

TEST(Potential, BadLinesAreNamed) {
  EXPECT_THAT(message_of(good + "colour: red\n"), HasSubstr("X.yaml:12: unknown key 'colour'"));
  EXPECT_THAT(message_of(good + "mass: 1 u\n"), HasSubstr("mass is given twice"));
  EXPECT_THAT(message_of(changed("mass: 63.546 u\n", "")), HasSubstr("mass is missing"));
  EXPECT_THAT(message_of(changed("63.546 u", "63.546 K")), HasSubstr("mass"));
  EXPECT_THAT(message_of(changed("63.546 u", "-1 u")), HasSubstr("expected a positive number"));
  EXPECT_THAT(message_of(changed("pair_style: eam", "pair_style: lj/cut")), HasSubstr("lj/cut"));
  EXPECT_THAT(message_of(changed("lattice_min: 3.4", "lattice_min: 4")), HasSubstr("below"));
  EXPECT_EQ(parse_potential(good + "lattice_atoms: 4\n", "X.yaml").lattice_atoms, 4);
  for (const std::string atoms : {"4.5", "0", "4 Å", "1001"})
    EXPECT_THAT(message_of(good + "lattice_atoms: " + atoms + "\n"), HasSubstr("lattice_atoms"));
}

TEST(Potential, NothingHostileReachesAnInputScript) {
  for (const std::string file :
       {"a b.eam", "../x.eam/y", "x.eam\"", "x;shell", "$(x)", ".x", "-x", "`x`"})
    EXPECT_THAT(message_of(changed("file: X.eam", "file: " + file)), HasSubstr("plain word"))
        << file;
}

const std::string ions =
    "name: X\npair_style: buck/coul/long\nelements: Cs I\ncutoff: 10 Å\ncharge Cs: 1.36\n"
    "charge I: -1.36\npair Cs-Cs: 1 eV, 0.2 Å, 0 eV Å⁶\npair Cs-I: 23.060548 kcal/mol, 0.3 Å, 0 eV "
    "Å⁶\npair I-I: 2 eV, 0.4 Å, 3 eV Å⁶\nlattice_min: 6.1 Å\nlattice_max: 6.4 Å\n"
    "temperature_max: 700 K\nsource: none\nlicence: none\n";

std::string ions_with(const std::string& from, const std::string& to) {
  std::string text = ions;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Potential, OfIonsIsConvertedAndOrderedBySpecies) {
  const Potential potential = parse_potential(ions, "X.yaml");
  EXPECT_EQ(potential.elements, (std::vector<std::string>{"Cs", "I"}));
  EXPECT_NEAR(potential.pairs.at({"I", "Cs"}).a_eV, 1.0, 1e-7);  // 4184 J/mol in eV
  EXPECT_EQ(potential.charges.at("I"), -1.36);
  EXPECT_NEAR(potential.mass_of("I"), 126.9, 0.01);
  const std::string commands = pair_commands(potential, {"I", "Cs"});
  EXPECT_THAT(commands, HasSubstr("pair_style buck/coul/long 10\npair_coeff 1 1 2 0.4 3\n"));
  EXPECT_THAT(commands, HasSubstr("pair_coeff 2 2 1 0.2 0\nkspace_style pppm 1.0e-4\n"));
}

TEST(Potential, OfIonsHasEveryPairOnceAndWithUnits) {
  EXPECT_THAT(message_of(ions_with("pair Cs-I: 23.060548 kcal/mol, 0.3 Å, 0 eV Å⁶\n", "")),
              HasSubstr("pair Cs-I is missing"));
  EXPECT_THAT(message_of(ions_with("pair Cs-I", "pair I-Cs")), HasSubstr("pair Cs-I is missing"));
  EXPECT_THAT(message_of(ions_with("0.2 Å", "0.2")), HasSubstr("has no unit"));
  EXPECT_THAT(message_of(ions_with("0.2 Å", "-0.2 Å")), HasSubstr("not positive"));
  EXPECT_THAT(message_of(ions_with("0.4 Å, 3", "0.4 Å; 3")), HasSubstr("A, ρ and C"));
  EXPECT_THAT(message_of(ions + "mass: 3 u\n"), HasSubstr("unknown key 'mass'"));
  EXPECT_THAT(message_of(ions_with("elements: Cs I", "elements: Cs $(I)")),
              HasSubstr("plain word"));
}

const std::string molecules =
    "name: X\npair_style: buck/coul/long lj/cut/coul/long\nelements: Na O H\ntypes: Na OW HW\n"
    "type OW: O bonded to H H\ntype HW: H bonded to O\ncutoff: 1 nm\ntimestep: 1 fs\n"
    "charge Na: 1\ncharge OW: -0.8\ncharge HW: 0.4\npair Na-Na: 1 eV, 0.2 Å, 0 eV Å⁶\n"
    "lj Na-OW: 1 meV, 3 Å\nlj OW-OW: 6 meV, 3.1 Å\nlj Na-HW: 0 eV, 1 Å\nlj OW-HW: 0 eV, 1 Å\n"
    "lj HW-HW: 0 eV, 1 Å\nbond OW-HW: 23.060548 kcal/mol/Å², 0.957 Å\nrigid: HW-OW\n"
    "angle HW-OW-HW: 2 eV, 104.5 deg\nscaling_lj: 0, 0, 0.5\nscaling_coulomb: 0, 0, 1\n"
    "lattice_min: 3 Å\nlattice_max: 7 Å\ntemperature_max: 400 K\nsource: none\nlicence: none\n";

std::string molecules_with(const std::string& from, const std::string& to) {
  std::string text = molecules;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Potential, OfMoleculesIsConverted) {
  const Potential potential = parse_potential(molecules, "X.yaml");
  EXPECT_EQ(potential.type("OW").bonded_to, (std::vector<std::string>{"H", "H"}));
  EXPECT_TRUE(potential.type("Na").bonded_to.empty());
  ASSERT_EQ(potential.bonds.size(), 1U);
  EXPECT_NEAR(potential.bonds[0].k_eV_A2, 1.0, 1e-7);
  EXPECT_TRUE(potential.bonds[0].rigid);
  EXPECT_NEAR(potential.angles[0].theta0_deg, 104.5, 1e-12);
  EXPECT_NEAR(potential.lennard_jones.at({"OW", "Na"}).epsilon_eV, 1e-3, 1e-15);
  EXPECT_EQ(potential.cutoff, 10);
  EXPECT_EQ(potential.timestep_fs, 1);
  EXPECT_EQ(pair_commands(potential, {"Na", "OW"}),
            "pair_style hybrid buck/coul/long 10 lj/cut/coul/long 10\n"
            "pair_coeff 1 1 buck/coul/long 1 0.2 0\npair_coeff 1 2 lj/cut/coul/long 0.001 3\n"
            "pair_coeff 2 2 lj/cut/coul/long 0.006 3.1\nkspace_style pppm 1.0e-4\n");
}

TEST(Potential, OfMoleculesIsCheckedLineByLine) {
  const auto said = [](const std::string& from, const std::string& to) {
    return message_of(molecules_with(from, to));
  };
  EXPECT_THAT(said("O bonded to H H", "O near H H"), HasSubstr("X.yaml:5: type OW: expected an"));
  EXPECT_THAT(said("H bonded to O", "H bonded to C"), HasSubstr("X.yaml:6: type HW: C is none of"));
  EXPECT_THAT(said("type HW: H bonded to O\n", ""), HasSubstr("types: HW is none of the elements"));
  EXPECT_THAT(said("Na OW HW", "Na O-W HW"), HasSubstr("X.yaml:4: types: a name has a '-'"));
  EXPECT_THAT(said("Na OW HW", "Na OW HW HW"), HasSubstr("HW is there twice"));
  EXPECT_THAT(said("type OW: O bonded to H H", "type OW: H bonded to O"), HasSubstr("tells them"));
  EXPECT_THAT(said("lj Na-OW: 1 meV, 3 Å\n", ""), HasSubstr("pair Na-OW, or lj Na-OW, is missing"));
  EXPECT_THAT(said("lj Na-HW", "lj HW-Na"), HasSubstr("X.yaml:15: unknown key 'lj HW-Na'"));
  EXPECT_THAT(said("lj HW-HW: 0 eV", "lj HW-HW: -1 eV"), HasSubstr("X.yaml:17: lj HW-HW: ε is"));
  EXPECT_THAT(said("lj Na-OW: 1 meV, 3 Å\n", "lj Na-Na: 1 eV, 1 Å\nlj Na-OW: 1 meV, 3 Å\n"),
              HasSubstr("X.yaml:13: lj Na-Na: there is a pair Na-Na too"));
  EXPECT_THAT(said("bond OW-HW", "bond OW-HX"),
              HasSubstr("X.yaml:18: bond OW-HX: there is no type"));
  EXPECT_THAT(said("bond OW-HW", "bond OW"), HasSubstr("expected 2 types, a '-' between"));
  EXPECT_THAT(said("kcal/mol/Å², 0.957", "kcal/mol, 0.957"), HasSubstr("X.yaml:18: bond OW-HW: "));
  EXPECT_THAT(said("rigid: HW-OW", "rigid: HW-HW"), HasSubstr("rigid: there is no bond HW-HW"));
  EXPECT_THAT(said("104.5 deg", "204.5 deg"), HasSubstr("θ0 not from 0 to 180°"));
  EXPECT_THAT(said("scaling_lj: 0, 0, 0.5", "scaling_lj: 0, 0, 1.5"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(said("scaling_lj: 0, 0, 0.5\n", ""), HasSubstr("scaling_lj is missing"));
  EXPECT_THAT(said("rigid:", "bond HW-OW: 1 eV/Å², 1 Å\nrigid:"), HasSubstr("is there before"));
  EXPECT_THAT(said("angle HW", "dihedral HW-OW-OW-HW: 1 eV, 2.5, 0 deg\nangle HW"),
              HasSubstr("n is not a whole number"));
  EXPECT_THAT(said("angle HW", "dihedral HW-OW-OW-HW: 1 eV, 2, 0.5 deg\nangle HW"),
              HasSubstr("whole number of degrees"));
  EXPECT_THAT(message_of(ions + "lj Cs-Cs: 1 eV, 1 Å\n"), HasSubstr("unknown key 'lj Cs-Cs'"));
}

TEST(Potential, OfMoleculesHasNoWordsForLammps) {
  for (const std::string word : {"OW;quit", "$(OW)", "\"OW\"", "`OW`", "../OW"})
    EXPECT_THAT(message_of(molecules_with("Na OW HW", "Na " + word + " HW")),
                HasSubstr("plain word"));
}

class SharedPotentials : public ::testing::Test {
 protected:
  void SetUp() override { use_own_share(); }
};

TEST_F(SharedPotentials, AreAllReadable) {
  const auto names = potential_names();
  EXPECT_THAT(names, ::testing::IsSupersetOf({"Cu_mishin1", "Cu_smf7", "Cu_u3", "Cu_zhou"}));
  for (const std::string& name : names) EXPECT_EQ(find_potential(name).name, name);
}

TEST_F(SharedPotentials, UnknownNamesGetASuggestion) {
  for (const std::string name : {"Cu_mishin2", "", "../Cu_u3"}) {
    try {
      (void)find_potential(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::configuration);
      EXPECT_THAT(error.what(), HasSubstr("Cu_mishin1"));
    }
  }
}

TEST_F(SharedPotentials, MissingFileNamesThePackage) {
  Potential potential = find_potential("Cu_u3");
  potential.file = "no-such-file.eam";
  try {
    (void)folder_of(potential);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("lammps-data"));
  }
}

}  // namespace
}  // namespace twin::md::potentials_test
