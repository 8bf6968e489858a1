// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/dcd.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "trajectories.h"

namespace twin::formats::dcd_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A DCD of one atom, record by record.
class Made {
 public:
  std::vector<std::int32_t> control = [] {
    std::vector<std::int32_t> words(20, 0);
    words[1] = 100;  // first step
    words[2] = 5;    // interval
    words[10] = 1;   // with unit cells
    words[19] = 24;
    return words;
  }();
  std::vector<double> cell{4, 90, 5, 90, 90, 6};
  std::vector<float> x{1}, y{2}, z{3};
  std::int32_t atoms = 1;

  [[nodiscard]] std::string bytes(int frames = 2) const {
    std::string out = record("CORD" + raw(control)) + record(std::string(84, ' ')) +
                      record(raw(std::vector{atoms}));
    for (int i = 0; i < frames; ++i)
      out += record(raw(cell)) + record(raw(x)) + record(raw(y)) + record(raw(z));
    return out;
  }

 private:
  template <typename T>
  static std::string raw(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
  }
  static std::string record(const std::string& content) {
    const std::string mark = raw(std::vector{static_cast<std::int32_t>(content.size())});
    return mark + content + mark;
  }
};

/// The same file as a machine of the other byte order would have written it: its records are of
/// words of four bytes but for the cells, eight; "CORD" and the title are text.
std::string swapped(std::string bytes) {
  const auto turn = [&](std::size_t at, std::size_t width) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + width));
  };
  for (std::size_t at = 0, number = 0; at < bytes.size(); ++number) {
    std::int32_t size = 0;
    std::memcpy(&size, bytes.data() + at, 4);
    const auto length = static_cast<std::size_t>(size);
    const std::size_t width = length == 48 ? 8 : 4;
    turn(at, 4);
    turn(at + 4 + length, 4);
    if (number != 1)
      for (std::size_t i = number == 0 ? 4 : 0; i < length; i += width) turn(at + 4 + i, width);
    at += length + 8;
  }
  return bytes;
}

TEST(Dcd, ReadsWhatMdanalysisWrites) {
  const auto reader = parse_trajectory(stored("copper.dcd"), "copper.dcd");
  expect_copper(all(*reader), 1e-6);  // single precision
  EXPECT_THAT(reader->atoms().elements, IsEmpty());
  EXPECT_THAT(reader->warnings(), IsEmpty());
}

TEST(Dcd, ReadsEitherByteOrder) { expect_copper(parsed(swapped(stored("copper.dcd"))), 1e-6); }

TEST(Dcd, CountsStepsFromItsHeader) {
  const auto frames = parsed(Made().bytes());
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1].step, 105);
  EXPECT_FALSE(frames[1].time_ps);
  EXPECT_EQ(frames[1].positions(0, 2), 3);
}

TEST(Dcd, CellsHaveAnglesOrCosines) {
  Made made;
  made.cell = {4, 0, 5, 0, 0, 6};  // cosines
  Eigen::Matrix3d cell = Eigen::Vector3d(4, 5, 6).asDiagonal();
  EXPECT_LT((parsed(made.bytes())[0].cell - cell).norm(), 1e-12);
  // A hexagonal one, γ = 120°.
  cell << 4, 0, 0, -2, 2 * std::sqrt(3), 0, 0, 0, 6;
  made.cell = {4, 120, 4, 90, 90, 6};
  EXPECT_LT((parsed(made.bytes())[0].cell - cell).norm(), 1e-12);
  made.cell = {4, -0.5, 4, 0, 0, 6};
  EXPECT_LT((parsed(made.bytes())[0].cell - cell).norm(), 1e-12);
  made.cell = {3.9, -1.1, 3.9, 0, 0, 6};  // CHARMM's symmetric matrix of the same
  EXPECT_THAT(refusal(made.bytes()), HasSubstr("frame 1: a unit cell that is not orthogonal"));
  made.cell = {4, 0, 0, 0, 0, 6};
  EXPECT_THAT(refusal(made.bytes()), HasSubstr("no volume"));
}

TEST(Dcd, RefusesWhatItCannotFollow) {
  const auto changed = [](std::size_t word, std::int32_t value) {
    Made made;
    made.control[word] = value;
    return refusal(made.bytes());
  };
  EXPECT_THAT(changed(8, 3), HasSubstr("fixed atoms"));
  EXPECT_THAT(changed(10, 0), HasSubstr("no unit cells"));
  EXPECT_THAT(changed(19, 0), HasSubstr("no unit cells"));  // X-PLOR's kind has none
  EXPECT_THAT(changed(11, 1), HasSubstr("four dimensions"));
  const std::string long_marks("T\0\0\0\0\0\0\0CORD", 12);
  EXPECT_THAT(refusal(long_marks + std::string(80, '\0')), HasSubstr("32-bit record marks"));
}

TEST(Dcd, SaysWhatIsWrong) {
  Made made;
  made.x = {1, 2};
  EXPECT_THAT(refusal(made.bytes()), HasSubstr("8 bytes of coordinates, 4 are expected"));
  made = {};
  made.y = {std::nanf("")};
  EXPECT_THAT(refusal(made.bytes()), HasSubstr("frame 1: a coordinate is not finite"));
  made = {};
  made.atoms = 2'000'000'000;
  EXPECT_THAT(refusal(made.bytes()), HasSubstr("2000000000 atoms"));
  made.atoms = -1;
  EXPECT_THAT(refusal(made.bytes()), HasSubstr("atoms"));
  std::string bytes = Made().bytes();
  bytes[bytes.size() - 1] = 7;
  EXPECT_THAT(refusal(bytes), HasSubstr("does not end with its length"));
}

TEST(Dcd, ReadsAsFarAsItGoes) { expect_cuts_are_seen(stored("copper.dcd"), 3); }

}  // namespace
}  // namespace twin::formats::dcd_test
