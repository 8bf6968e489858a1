// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/extended_xyz.h"

#include "trajectories.h"

namespace twin::formats::extended_xyz_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const std::string lattice = R"(Lattice="4 0 0 0 5 0 0 0 6")";

std::string frame(const std::string& keys, const std::string& rows = "Cu 0 0 0\nCu 1 2 3\n") {
  return "2\n" + keys + "\n" + rows;
}

TEST(ExtendedXyz, ReadsWhatAseWrites) {
  const auto reader = parse_trajectory(stored("copper.xyz"), "copper.xyz");
  const auto frames = all(*reader);
  expect_copper(frames, 1e-8);
  EXPECT_THAT(reader->atoms().elements, SizeIs(32));
  EXPECT_THAT(reader->atoms().elements, Each("Cu"));
  EXPECT_THAT(reader->warnings(), IsEmpty());
  EXPECT_EQ(frames[2].step, 1000);
  EXPECT_DOUBLE_EQ(*frames[2].energy_eV, -102);
  // -0.01 eV/Å³ along one axis: a third of it as a pressure; 1 eV/Å³ = 1602176.634 bar.
  EXPECT_NEAR(*frames[2].virial_bar, 0.01 / 3 * 1602176.634, 1e-4);
}

TEST(ExtendedXyz, KeysHaveManyForms) {
  const auto keys = xyz_keys(R"(a=1 B = "two \"words\"" 'c d'={3 4} flag e=[[1, 2], [3]] f="")");
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->at("a"), "1");
  EXPECT_EQ(keys->at("b"), "two \"words\"");
  EXPECT_EQ(keys->at("c d"), "3 4");
  EXPECT_EQ(keys->at("flag"), "T");
  EXPECT_EQ(keys->at("e"), "[1, 2], [3]");
  EXPECT_EQ(keys->at("f"), "");
  EXPECT_FALSE(xyz_keys(R"(a="open)"));
}

TEST(ExtendedXyz, FindsItsColumns) {
  const auto one = parsed(frame(lattice + " Properties=id:I:1:forces:R:3:species:S:1:pos:R:3",
                                "1 9 9 9 Pb 0 0 0\n2 9 9 9 I 1 2 3\n"));
  EXPECT_DOUBLE_EQ(one.at(0).positions(1, 2), 3);
  EXPECT_DOUBLE_EQ(one.at(0).cell(1, 1), 5);
  EXPECT_THAT(refusal(frame(lattice + " Properties=pos:R:3")), HasSubstr("Properties without"));
  EXPECT_THAT(refusal(frame(lattice + " Properties=species:S:1:pos:R:3:x")),
              HasSubstr("Properties without"));
}

TEST(ExtendedXyz, VirialsBecomePressures) {
  const auto one = parsed(frame(lattice + R"( virial="3 0 0 0 3 0 0 0 6" time_ps=1.5)")).at(0);
  EXPECT_NEAR(*one.virial_bar, 12.0 / 3 / 120 * 1602176.634, 1e-3);
  EXPECT_DOUBLE_EQ(*one.time_ps, 1.5);
  EXPECT_FALSE(one.energy_eV);
}

TEST(ExtendedXyz, LabelsAreReadAndWrittenBack) {
  const std::string text =
      frame(lattice +
                " Properties=species:S:1:pos:R:3:forces:R:3 energy=-1.5 "
                "stress=\"1 0 0 0 2 0 0.5 0 3\" source=\"a \\\"b\\\" frame 3\"",
            "Cu 0 0 0 0.1 0 0\nI 1 2 3 -0.1 0 0.25\n");
  auto one = parsed(text).at(0);
  ASSERT_TRUE(one.forces && one.virial_eV);
  EXPECT_EQ((*one.forces)(1, 2), 0.25);
  EXPECT_EQ((*one.virial_eV)(2, 2), -360);  // 120 Å³ of -3 eV/Å³
  EXPECT_EQ((*one.virial_eV)(2, 0), -60);
  EXPECT_EQ(one.notes.at("source"), "a \"b\" frame 3");
  one.notes = {{"source", one.notes.at("source")}};
  const auto again = parsed(extended_xyz_text({"Cu", "I"}, one)).at(0);
  EXPECT_EQ(again.positions, one.positions);
  EXPECT_EQ(again.cell, one.cell);
  EXPECT_EQ(*again.forces, *one.forces);
  EXPECT_EQ(*again.virial_eV, *one.virial_eV);
  EXPECT_EQ(again.energy_eV, one.energy_eV);
  EXPECT_EQ(again.notes.at("source"), "a \"b\" frame 3");
  EXPECT_THAT(refusal(frame(lattice + " Properties=species:S:1:pos:R:3:forces:R:3",
                            "Cu 0 0 0 0 0 0\nI 1 2 3 0 x 0\n")),
              HasSubstr("'x'"));
}

TEST(ExtendedXyz, SaysWhereItIsWrong) {
  EXPECT_THAT(refusal(frame("Properties=species:S:1:pos:R:3")), StartsWith("made:2: no Lattice"));
  EXPECT_THAT(refusal(frame(R"(Lattice="4 0 0 0 5 0 0 0")")), HasSubstr("8 numbers, 9 are"));
  EXPECT_THAT(refusal(frame(R"(Lattice="4 0 0 0 5 0 0 0 0")")), HasSubstr("no volume"));
  EXPECT_THAT(refusal(frame(lattice + " pbc=\"T T F\"")), HasSubstr("periodic in all"));
  EXPECT_THAT(refusal(frame(lattice, "Cu 0 0 0\nCu 1 nan 3\n")), StartsWith("made:4: 'nan'"));
  EXPECT_THAT(refusal(frame(lattice, "Cu 0 0 0\nCu 1 2\n")), StartsWith("made:4: 3 columns"));
  EXPECT_THAT(refusal(frame(lattice) + frame(lattice, "Cu 0 0 0\nPb 1 2 3\n")),
              HasSubstr("other elements"));
  EXPECT_THAT(refusal(frame(lattice) + "1\n" + lattice + "\nCu 0 0 0\n"), HasSubstr("other"));
  EXPECT_THAT(refusal("99999999999\n" + lattice + "\n"), HasSubstr("a number of atoms"));
  EXPECT_THAT(refusal("2\na comment\nCu 0 0 0\nCu 1 2 3\n"), HasSubstr("of no format"));
}

TEST(ExtendedXyz, ReadsAsFarAsItGoes) { expect_cuts_are_seen(stored("copper.xyz"), 3); }

}  // namespace
}  // namespace twin::formats::extended_xyz_test
