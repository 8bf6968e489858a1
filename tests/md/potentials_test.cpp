// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"

namespace twin::md {
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
  EXPECT_EQ(pair_commands(potential, {"Cu"}), "pair_style eam\npair_coeff 1 1 X.eam\n");
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
  EXPECT_THROW((void)pair_commands(potential, {"I", "Pb"}), Error);
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

class SharedPotentials : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("TWINLINE_SHARE", TWINLINE_SOURCE "/share", 1); }
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
}  // namespace twin::md
