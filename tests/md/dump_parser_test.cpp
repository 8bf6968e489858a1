// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/dump_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace twin::md::dump_parser_test {
namespace {

std::string frame_text(int step, double shift) {
  return "ITEM: TIMESTEP\n" + std::to_string(step) +
         "\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 4\n-0.5 4.5\n1e0 7\nITEM: ATOMS "
         "xu yu "
         "zu \n" +
         std::to_string(shift) + " 0.5 -1e-3\n1 2 3 \n";
}

TEST(DumpParser, ReadsFramesInAnyPieces) {
  const std::string text = frame_text(10, 0.25) + frame_text(20, 0.75);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    DumpParser parser(2);
    parser.add(std::string_view(text).substr(0, cut));
    if (cut < frame_text(10, 0.25).size()) {
      EXPECT_FALSE(parser.next()) << cut;
    }
    parser.add(std::string_view(text).substr(cut));
    const auto first = parser.next(), second = parser.next();
    ASSERT_TRUE(first && second) << cut;
    EXPECT_FALSE(parser.next());
    EXPECT_EQ(first->step, 10);
    EXPECT_EQ(second->step, 20);
    EXPECT_EQ(first->positions,
              (Eigen::Matrix<double, 2, 3>() << 0.25, 0.5, -1e-3, 1, 2, 3).finished());
    EXPECT_EQ(second->positions(0, 0), 0.75);
    EXPECT_EQ(second->cell, Eigen::Matrix3d(Eigen::Vector3d(4, 5, 6).asDiagonal()));
  }
}

TEST(DumpParser, ReadsObliqueBoxes) {
  // A box of 4, 5 and 6 Å that leans by -1, 2 and 1.5, from (1, 2, 3): the bounds that LAMMPS
  // writes are those of the upright box around all eight corners.
  std::string text = frame_text(10, 0.25);
  const std::string bounds = "pp pp pp\n0 4\n-0.5 4.5\n1e0 7\n";
  text.replace(text.find(bounds), bounds.size(), "xy xz yz pp pp pp\n0 7 -1\n2 8.5 2\n3 9 1.5\n");
  DumpParser parser(2);
  parser.add(text);
  Eigen::Matrix3d cell;
  cell << 4, 0, 0, -1, 5, 0, 2, 1.5, 6;
  const auto frame = parser.next();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->cell.isApprox(cell)) << frame->cell;
}

TEST(DumpParser, RefusesWhatIsNoSuchDump) {
  const std::string good = frame_text(10, 0.25);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {with("ITEM: TIMESTEP", "ITEM: TIME"), with("10", "ten"), with("10", "-1"),
        with("\n2\n", "\n3\n"), with("xu yu zu", "x y z"), with("1 2 3", "1 2"),
        with("1 2 3", "1 2 3 4"), with("1 2 3", "1 2 1e999"), with("-0.5 4.5", "-0.5"),
        with("-0.5 4.5", "4.5 4.5"), with("-0.5 4.5", "-0.5 4.5 1"), with("1 2 3", "1 2 x"),
        with("1 2 3", ""), std::string(5000, 'x')}) {
    DumpParser parser(2);
    try {
      parser.add(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data);
    }
  }
}

TEST(DumpParser, NamesAnExplosion) {
  const std::string good = frame_text(10, 0.25);
  const auto message = [&](const std::string& from, const std::string& to) -> std::string {
    std::string text = good;
    DumpParser parser(2);
    try {
      parser.add(text.replace(text.find(from), from.size(), to));
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::configuration);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      message("\n2\n", "\n1\n"),
      "lmp: atoms were lost: 1 of 2 remain after step 10: the run exploded; expected a timestep, "
      "a structure and a temperature that the potential bears");
  EXPECT_THAT(message("1 2 3", "1 nan 3"),
              testing::StartsWith("lmp: atom 2 is at '1 nan 3 ' at step 10: the run exploded"));
  EXPECT_THAT(message("-0.5 4.5", "-inf inf"),
              testing::StartsWith("lmp: the box is from '-inf inf' at step 10: the run exploded"));
}

}  // namespace
}  // namespace twin::md::dump_parser_test
