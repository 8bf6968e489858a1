// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/deep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "md/commands.h"
#include "md/program.h"
#include "message_of.h"
#include "places.h"

namespace twin::md::deep_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string deep =
    "name: dp\npair_style: deepmd\nelements: Pb I Cs\nmodels: dp.0.pb dp.1.pb\n"
    "volume_min: 45 Å³\nvolume_max: 58 Å³\nerror_force: 0.03 eV/Å\ntimestep: 2 fs\n"
    "source: ours\nlicence: none\n";
const std::string gate =
    "gate: refused\ngate_models: 12ab\ngate_temperature: 634 K\ngate_reasons: it swells: 6.55 Å\n";

std::string complaint(const std::string& text) {
  return message_of([&] { (void)parse_potential(text, "dir/dp.yaml"); }, Cause::configuration);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = deep;
  return text.replace(text.find(from), from.size(), to);
}

TEST(DeepPotential, IsRead) {
  const Potential potential = parse_potential(deep + gate, "dir/dp.yaml");
  EXPECT_THAT(potential.deep.models, ElementsAre("dir/dp.0.pb", "dir/dp.1.pb"));
  EXPECT_EQ(potential.deep.volume_max, 58);
  EXPECT_EQ(potential.deep.error_force, 0.03);
  EXPECT_EQ(potential.timestep_fs, 2);
  EXPECT_EQ(potential.deep.gate_reasons, "it swells: 6.55 Å");
  EXPECT_EQ(potential.type("Cs").element, "Cs");
  // LAMMPS sees links of our own naming, and types in the structure's order.
  EXPECT_EQ(pair_commands(potential, {"Cs", "Pb", "I"}, 20),
            "pair_style deepmd model.0.pb model.1.pb out_freq 20 out_file /dev/stdout\n"
            "pair_coeff * * Cs Pb I\n");
  Potential one = potential;
  one.deep.models.pop_back();
  EXPECT_THAT(pair_commands(one, {"Cs"}, 20), Not(HasSubstr("out_freq")));
}

TEST(DeepPotential, IsCheckedLineByLine) {
  EXPECT_THAT(complaint(changed("models: dp.0.pb dp.1.pb", "models:")), HasSubstr("one or more"));
  EXPECT_THAT(complaint(changed("dp.1.pb", "../dp.1.pb")),
              HasSubstr("dp.yaml:4: models: expected"));
  EXPECT_THAT(complaint(changed("Pb I Cs", "Pb I Pb")), HasSubstr("Pb is there twice"));
  EXPECT_THAT(complaint(changed("volume_min: 45 Å³\n", "")), HasSubstr("needs the other end"));
  EXPECT_THAT(complaint(changed("45 Å³", "60 Å³")),
              HasSubstr("volume_min: is not below volume_max"));
  EXPECT_THAT(complaint(changed("0.03 eV/Å", "0.03 eV")), HasSubstr("error_force"));
  EXPECT_THAT(complaint(deep + "cutoff: 6 Å\n"), HasSubstr("unknown key 'cutoff'"));
  EXPECT_THAT(complaint(deep + "gate: passed\n"), HasSubstr("needs gate_models"));
  EXPECT_THAT(
      complaint(deep + "gate: yes\ngate_models: 1\ngate_temperature: 3 K\ngate_reasons: x\n"),
      HasSubstr("expected passed or refused"));
}

struct Models : ::testing::Test {
  Models() : folder("twinline-deep-test") {
    write_file_atomically(folder.path() + "/dp.0.pb", "zero");
    write_file_atomically(folder.path() + "/dp.1.pb", "one");
  }
  ~Models() override { ::unsetenv("TWIN_DEEPMD"); }

  [[nodiscard]] Potential potential(const std::string& more = "") const {
    return parse_potential(deep + more, folder.path() + "/dp.yaml");
  }
  [[nodiscard]] std::string gate_of(const std::string& word, const std::string& models) const {
    return "gate: " + word + "\ngate_models: " + models +
           "\ngate_temperature: 634 K\ngate_reasons: it swells\n";
  }

  TemporaryFolder folder;
};

TEST_F(Models, WhatNoGateHasPassedIsSaid) {
  const std::string own = sha256_of_models(potential());
  const auto said = [&](const std::string& more, double temperature = 634, double volume = 50) {
    return deep_warnings(potential(more), temperature, volume);
  };
  EXPECT_THAT(said(""), ElementsAre(HasSubstr("dp: no gate has judged it")));
  EXPECT_THAT(said(gate_of("refused", own)),
              ElementsAre(HasSubstr("dp: refused by the gate at 634 K: it swells")));
  EXPECT_THAT(said(gate_of("passed", own)), IsEmpty());
  EXPECT_THAT(said(gate_of("passed", own), 600), IsEmpty());
  EXPECT_THAT(said(gate_of("passed", own), 300), ElementsAre(HasSubstr("not near 300 K")));
  EXPECT_THAT(said(gate_of("passed", own), 634, 60),
              ElementsAre(HasSubstr("60.00 Å³ an atom is outside of what dp was trained on")));
  write_file_atomically(folder.path() + "/dp.1.pb", "another");
  EXPECT_THAT(said(gate_of("passed", own)),
              ElementsAre(HasSubstr("not those that the gate judged")));
  std::filesystem::remove(folder.path() + "/dp.1.pb");
  EXPECT_THAT(said(gate_of("passed", own)),
              ElementsAre(HasSubstr("not those that the gate judged")));
}

TEST_F(Models, RunInTheKitsOwnLammps) {
  const std::string kit = folder.path() + "/kit", packages = kit + "/lib/python3.11/site-packages";
  ::setenv("TWIN_DEEPMD", kit.c_str(), 1);
  EXPECT_THAT(message_of([&] { (void)program_for(potential(), {}); }, Cause::unavailable),
              HasSubstr("no DeePMD-kit found: "));
  for (const std::string& part : {kit + "/bin", packages + "/lammps", packages + "/deepmd/lib"})
    std::filesystem::create_directories(part);
  write_file_atomically(kit + "/bin/dp", "");
  write_file_atomically(packages + "/lammps/lmp", "");
  const Program program = program_for(potential(), {});
  EXPECT_EQ(program.path, packages + "/lammps/lmp");
  EXPECT_EQ(program.environment.at("LAMMPS_PLUGIN_PATH"), packages + "/deepmd/lib");
  EXPECT_EQ(program.links.at("model.1.pb"), folder.path() + "/dp.1.pb");
  std::filesystem::remove(folder.path() + "/dp.0.pb");
  EXPECT_THAT(message_of([&] { (void)program_for(potential(), {}); }, Cause::unavailable),
              HasSubstr("dp.0.pb: not there"));
}

TEST_F(Models, AreFoundByNameInFoldersOfOnesOwn) {
  use_own_share();
  write_file_atomically(folder.path() + "/dp.yaml", deep);
  EXPECT_THAT(message_of([] { (void)find_potential("dp"); }, Cause::configuration),
              HasSubstr("unknown"));
  ::setenv("TWIN_POTENTIALS", ("/nowhere:" + folder.path()).c_str(), 1);
  EXPECT_EQ(find_potential("dp").deep.models.size(), 2U);
  EXPECT_EQ(find_potential("Cu_u3").name, "Cu_u3");
  EXPECT_EQ(description_of("dp"), folder.path() + "/dp.yaml");
  ::unsetenv("TWIN_POTENTIALS");
}

TEST(Deviation, IsTheLargestOfForces) {
  const auto line = parse_deviation(
      "          80       2.069082e-02       1.337050e-03       1.128543e-02       2.895764e-01    "
      "   "
      "6.230361e-03       4.677862e-02");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->step, 80);
  EXPECT_EQ(line->force_eV_A, 2.895764e-01);
  for (const char* other :
       {"#       step         max_devi_v", "TWIN80 634 -962 -1.5", "1 2 3 4 5 6", "a 1 2 3 4 5 6",
        "80 1 2 3 nan 5 6", "Pair    | 2.5283     | 2.5283     | 2.5283     |   0.0 | 99.32"})
    EXPECT_FALSE(parse_deviation(other)) << other;
}

TEST(Noise, OfGraphicsCardsIsLeftOut) {
  EXPECT_EQ(without_noise("DeePMD-kit: Cannot find libcudart.so.12 | implib-gen: nothing | "
                          "ERROR: Lost atoms | Last command: run 10"),
            "ERROR: Lost atoms | Last command: run 10");
  EXPECT_EQ(without_noise(""), "");
}

}  // namespace
}  // namespace twin::md::deep_test
