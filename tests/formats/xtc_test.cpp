// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/xtc.h"

#include <random>

#include "formats/xtc_coordinates.h"
#include "trajectories.h"

namespace twin::formats::xtc_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr double half_a_step = 0.005 + 1e-5;  // Å; and single precision

std::string with_word(std::string bytes, std::size_t at, std::uint32_t word) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(word >> (24 - 8 * i));
  return bytes;
}

TEST(Xtc, ReadsWhatMdtrajWrites) {
  const auto reader = parse_trajectory(stored("copper.xtc"), "copper.xtc");
  const auto frames = all(*reader);
  expect_copper(frames, half_a_step);
  EXPECT_THAT(reader->warnings(), IsEmpty());
  EXPECT_EQ(frames[2].step, 1000);
  EXPECT_DOUBLE_EQ(*frames[2].time_ps, 4.0);
}

TEST(Xtc, FollowsRunsOfSmallDifferences) {
  const auto frame = parsed(stored("water.xtc")).at(0);
  ASSERT_EQ(frame.positions.rows(), 60);
  for (int i = 0; i < 20; ++i)
    for (int k = 0; k < 3; ++k) {
      Eigen::RowVector3d at(3.0 * (i % 3), 3.0 * (i / 3 % 3), 3.0 * (i / 9));
      const double phase = i + (k == 2 ? 2 : 0);
      if (k > 0)
        at += 0.9 * Eigen::RowVector3d(std::sin(phase), std::cos(phase), 0.3 * std::sin(phase + i));
      EXPECT_LT((frame.positions.row(3 * i + k) - at).cwiseAbs().maxCoeff(), half_a_step)
          << i << " " << k;
    }
}

TEST(Xtc, FollowsAtomsThatAreFarApart) {
  const auto frame = parsed(stored("far.xtc")).at(0);
  for (int atom = 0; atom < 12; ++atom)
    for (int axis = 0; axis < 3; ++axis)
      EXPECT_NEAR(frame.positions(atom, axis), 2e4 * atom + 10 * axis, 0.02) << atom;
}

TEST(Xtc, SaysWhatIsDamaged) {
  const std::string good = stored("copper.xtc");
  ASSERT_EQ(parsed(good).size(), 3U);
  EXPECT_THAT(refusal(with_word(good, 4, 0)), HasSubstr("0 atoms"));
  EXPECT_THAT(refusal(with_word(good, 4, 0x7fffffff)), HasSubstr("2147483647 atoms"));
  EXPECT_THAT(refusal(with_word(good, 52, 31)), HasSubstr("two numbers of atoms"));
  EXPECT_THAT(refusal(with_word(good, 16, 0x7fc00000)), HasSubstr("cell is not finite"));
  EXPECT_THAT(refusal(with_word(good, 12, 0x7fc00000)), HasSubstr("time, temperature or energy"));
  EXPECT_THAT(refusal(with_word(good, 56, 0)), HasSubstr("precision"));
  EXPECT_THAT(refusal(with_word(good, 60, 0x7fffffff)), HasSubstr("can't be unpacked"));
  EXPECT_THAT(refusal(with_word(good, 84, 8)), HasSubstr("can't be unpacked"));  // small
  EXPECT_THAT(refusal(with_word(good, 84, 73)),
              HasSubstr("can't be unpacked"));                                   // beyond the table
  EXPECT_THAT(refusal(with_word(good, 88, 4)), HasSubstr("can't be unpacked"));  // bytes
  EXPECT_THAT(refusal(with_word(good, 88, 0x7fffffff)), HasSubstr("no whole frame"));
  EXPECT_THAT(refusal(with_word(good, 88, 0xffffffff)), HasSubstr("GiB of coordinates"));
  const std::size_t second = good.find(std::string("\0\0\x07\xCB", 4), 4);
  EXPECT_THAT(refusal(with_word(good, second, 1234)),
              HasSubstr("frame 2: damaged: does not begin"));
}

TEST(Xtc, ReadsAsFarAsItGoes) { expect_cuts_are_seen(stored("copper.xtc"), 3); }

TEST(Xtc, NoBytesBreakTheUnpacking) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    XtcPacking packing{.atoms = random() % 40, .small = static_cast<std::int32_t>(random() % 80)};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      packing.lowest[axis] = static_cast<std::int32_t>(random() % 3000) - 1000;
      packing.highest[axis] = static_cast<std::int32_t>(random() % 3000) - 1000;
    }
    std::string bytes(random() % 120, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto numbers = unpack(packing, bytes);
    if (numbers) {
      EXPECT_EQ(numbers->size(), 3 * packing.atoms);
    }
  }
}

}  // namespace
}  // namespace twin::formats::xtc_test
