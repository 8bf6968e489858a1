// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/lammps_dump.h"

#include "formats/lammps_box.h"
#include "trajectories.h"

namespace twin::formats::lammps_dump_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// A frame of two atoms, from its columns and rows.
std::string dump(const std::string& columns, const std::string& rows,
                 const std::string& box = "pp pp pp\n0 4\n0 5\n0 6\n",
                 const std::string& before = "") {
  return before + "ITEM: TIMESTEP\n100\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS " + box +
         "ITEM: ATOMS " + columns + "\n" + rows;
}

Eigen::RowVector3d second(const std::string& text) { return parsed(text).at(0).positions.row(1); }

TEST(LammpsDump, TakesCoordinatesInEveryForm) {
  const Eigen::RowVector3d unwrapped(5, 2, -3);
  const std::string first = "1 1 0 0 0 0 0 0\n";
  for (const std::string& text :
       {dump("id type xu yu zu", "1 1 0 0 0\n2 1 5 2 -3\n"),
        dump("id type xsu ysu zsu", "1 1 0 0 0\n2 1 1.25 0.4 -0.5\n"),
        dump("id type x y z ix iy iz", first + "2 1 1 2 3 1 0 -1\n"),
        dump("id type xs ys zs ix iy iz", first + "2 1 0.25 0.4 0.5 1 0 -1\n"),
        dump("zu yu xu", "0 0 0\n-3 2 5\n"),
        dump("id type x y z xu yu zu", first + "2 1 1 2 3 5 2 -3\n")})
    EXPECT_LT((second(text) - unwrapped).norm(), 1e-12) << text;
  EXPECT_LT((second(dump("x y z", "0 0 0\n1 2 3\n")) - Eigen::RowVector3d(1, 2, 3)).norm(), 1e-12);
  // Scaled ones count from the corner of the box.
  EXPECT_LT((second(dump("xs ys zs", "0 0 0\n0.5 0.5 0.5\n", "pp pp pp\n-1 3\n0 5\n0 6\n")) -
             Eigen::RowVector3d(1, 2.5, 3))
                .norm(),
            1e-12);
}

TEST(LammpsDump, PutsAtomsInTheOrderOfTheirNumbers) {
  const std::string one = dump("id type element x y z", "7 2 I 1 2 3\n3 1 Pb 0 0 0\n"),
                    two = dump("id type element x y z", "3 1 Pb 0 0 0.5\n7 2 I 1 2 3.5\n");
  const auto reader = parse_trajectory(one + two, "made");
  const auto frames = all(*reader);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].positions(1, 2), 3.0);
  EXPECT_EQ(frames[1].positions(1, 2), 3.5);
  EXPECT_THAT(reader->atoms().elements, ElementsAre("Pb", "I"));
  EXPECT_THAT(reader->atoms().kinds, ElementsAre(1, 2));
  EXPECT_EQ(frames[1].step, 100);
  EXPECT_FALSE(frames[1].time_ps);
}

TEST(LammpsDump, KnowsTiltedBoxes) {
  // The box of LAMMPS' manual: bounds of what encloses it, and xy, xz, yz.
  const auto frame =
      parsed(dump("x y z", "0 0 0\n1 2 3\n", "xy xz yz pp pp pp\n-1 5.5 1.5\n0 5.5 -1\n0 6 0.5\n"))
          .at(0);
  Eigen::Matrix3d cell;
  cell << 4, 0, 0, 1.5, 5, 0, -1, 0.5, 6;
  EXPECT_LT((frame.cell - cell).norm(), 1e-12);
  const auto by_vectors = parsed(dump("xs ys zs", "0 0 0\n1 1 0\n",
                                      "abc origin pp pp pp\n4 0 0 -1\n1.5 5 0 2\n-1 0.5 6 0\n"))
                              .at(0);
  EXPECT_LT((by_vectors.cell - cell).norm(), 1e-12);
  EXPECT_LT((by_vectors.positions.row(1) - Eigen::RowVector3d(4.5, 7, 0)).norm(), 1e-12);
}

TEST(LammpsDump, ConvertsUnitsThatItNames) {
  const auto of = [](const std::string& units) {
    return parsed(dump("x y z", "0 0 0\n1 2 3\n", "pp pp pp\n0 4\n0 5\n0 6\n",
                       "ITEM: UNITS\n" + units + "\nITEM: TIME\n500\n"))
        .at(0);
  };
  EXPECT_DOUBLE_EQ(*of("metal").time_ps, 500);
  EXPECT_DOUBLE_EQ(*of("real").time_ps, 0.5);
  EXPECT_DOUBLE_EQ(of("nano").cell(0, 0), 40);
  EXPECT_DOUBLE_EQ(of("nano").positions(1, 2), 30);
  EXPECT_THAT(message_of([&] { of("lj"); }), HasSubstr("units lj"));
}

TEST(LammpsDump, SaysWhereItIsWrong) {
  const std::string good = dump("id x y z", "1 0 0 0\n2 1 2 3\n");
  const auto broken = [&](const std::string& what, const std::string& by) {
    std::string text = good;
    text.replace(text.find(what), what.size(), by);
    return refusal(text);
  };
  EXPECT_THAT(broken("2 1 2 3", "2 1 nan 3"), StartsWith("made:11: 'nan'; a finite number"));
  EXPECT_THAT(broken("2 1 2 3", "2 1 1e999 3"), HasSubstr("made:11: "));
  EXPECT_THAT(broken("2 1 2 3", "2 1 2"), HasSubstr("made:11: 3 columns, 4 are expected"));
  EXPECT_THAT(broken("2 1 2 3", "1 1 2 3"), HasSubstr("two atoms have the id 1"));
  EXPECT_THAT(broken("ATOMS\n2", "ATOMS\n0"), HasSubstr("made:4: a number of atoms"));
  EXPECT_THAT(broken("ATOMS\n2", "ATOMS\n99999999999"), HasSubstr("made:4: a number of atoms"));
  EXPECT_THAT(broken("ATOMS\n2", "ATOMS\n3"), HasSubstr("no whole frame"));
  EXPECT_THAT(broken("ATOMS\n2", "ATOMS\n1"), HasSubstr("made:11: '2 1 2 3'; an ITEM"));
  EXPECT_THAT(broken("id x y z", "id x y vz"), HasSubstr("no coordinates"));
  EXPECT_THAT(broken("pp pp pp", "pp pp ff"), HasSubstr("not periodic"));
  EXPECT_THAT(broken("0 5\n", "5 0\n"), HasSubstr("upper bounds"));
  EXPECT_THAT(broken("ITEM: TIMESTEP\n100\n", ""), HasSubstr("the time step, the number"));
  EXPECT_THAT(broken("2 1 2 3", "2 1 2 3e7"), HasSubstr("frame 1: a coordinate"));
  EXPECT_THAT(refusal(good + dump("id x y z", "1 0 0 0\n5 1 2 3\n")), HasSubstr("id 5"));
  EXPECT_THAT(refusal(good + dump("x y z", "0 0 0\n1 2 3\n")), HasSubstr("column id"));
  EXPECT_THAT(refusal("ITEM: TIMESTEP\n1\n\0\n" + std::string(3, '\0')), HasSubstr("made:"));
}

TEST(LammpsDump, ReadsAsFarAsItGoes) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += dump("id x y z", "1 0 0 0\n2 1 2 3\n");
  expect_cuts_are_seen(text, 6);
  // Cut in the last number, which still looks like one.
  const auto reader = parse_trajectory(text.substr(0, text.size() - 2), "made");
  EXPECT_EQ(all(*reader).size(), 5U);
  EXPECT_THAT(reader->warnings(), ElementsAre(HasSubstr("ends too early; it was read as far")));
}

}  // namespace
}  // namespace twin::formats::lammps_dump_test
