// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/lammps_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "core/file.h"
#include "message_of.h"

namespace twin::formats::lammps_data_test {
namespace {

using ::testing::HasSubstr;

const std::string text =
    "a title with 9 atoms\n\n3 atoms\n2 atom types\n1 7.0 xlo xhi\n0 8 ylo yhi\n-2 8 zlo zhi\n\n"
    "Masses\n\n1 207.2 # Pb2+\n2 126.904\n\nAtoms # charge\n\n"
    "3 2 -1 4.0 4.0 3.0\n1 1 2 1.0 0.0 -2.0\n2 2 -1 0.0 -1.0 9.0 1 0 0\n";

std::string changed(const std::string& from, const std::string& to) {
  std::string out = text;
  out.replace(out.find(from), from.size(), to);
  return out;
}

atoms::Structure parse(const std::string& content) {
  std::istringstream in(content);
  return parse_lammps_data(in, "x.data");
}

std::string refusal(const std::string& from, const std::string& to) {
  return message_of([&] { static_cast<void>(parse(changed(from, to))); });
}

TEST(LammpsData, HasItsBoxAndAtomsByTheirNumbers) {
  const auto found = parse(text);
  EXPECT_TRUE(found.cell.isApprox(Eigen::Matrix3d(Eigen::Vector3d(6, 8, 10).asDiagonal())));
  ASSERT_EQ(found.sites.size(), 3U);
  EXPECT_EQ(found.sites[0].element, "Pb");
  EXPECT_EQ(found.sites[1].element, "I");
  EXPECT_EQ(found.sites[1].label, "I2");
  EXPECT_TRUE(found.sites[0].fractional.isZero(1e-12));
  // Outside of the box: wrapped.
  EXPECT_TRUE(found.sites[1].fractional.isApprox(Eigen::Vector3d(5.0 / 6, 7.0 / 8, 0.1)));
  EXPECT_TRUE(found.sites[2].fractional.isApprox(Eigen::Vector3d(0.5, 0.5, 0.5)));
  EXPECT_EQ(found.sites[2].occupancy, 1.0);
}

TEST(LammpsData, HasTiltedBoxes) {
  const auto found = parse(changed("-2 8 zlo zhi", "-2 8 zlo zhi\n2 1 -3 xy xz yz"));
  Eigen::Matrix3d cell;
  cell << 6, 0, 0, 2, 8, 0, 1, -3, 10;
  EXPECT_TRUE(found.cell.isApprox(cell));
  const Eigen::Vector3d third(4.0 - 1, 4.0, 3.0 + 2);  // from the corner of the box
  EXPECT_TRUE((cell.transpose() * found.sites[2].fractional).isApprox(third));
}

TEST(LammpsData, KnowsAtomStyles) {
  const std::string head =
      "t\n1 atoms\n1 atom types\n0 4 xlo xhi\n0 4 ylo yhi\n0 4 zlo zhi\nMasses\n\n1 63.546\n\n";
  for (const char* atoms :
       {"Atoms # atomic\n\n1 1 1 2 3\n", "Atoms\n\n1 1 1 2 3\n",
        "Atoms # charge\n\n1 1 0.5 1 2 3\n", "Atoms # molecular\n\n1 7 1 1 2 3\n",
        "Atoms # full\n\n1 7 1 0.5 1 2 3\n",
        "Atoms\n\n1 7 1 0.5 1 2 3 0 0 -1\n\nBonds\n\n1 1 1 1\n"}) {
    const auto found = parse(head + atoms);
    EXPECT_TRUE(found.sites.at(0).fractional.isApprox(Eigen::Vector3d(0.25, 0.5, 0.75))) << atoms;
    EXPECT_EQ(found.sites[0].element, "Cu");
  }
}

TEST(LammpsData, KnowsElementsByLabelOrMass) {
  const auto element = [&](const std::string& mass) {
    return parse(changed("207.2 # Pb2+", mass)).sites[0].element;
  };
  EXPECT_EQ(element("207.2"), "Pb");
  EXPECT_EQ(element("1.008"), "H");
  EXPECT_EQ(element("58.693 # Ni"), "Ni");
  EXPECT_EQ(element("132.9 # CS the caesium"), "Cs");  // the label is no element; the mass is one's
  EXPECT_EQ(element("2.014 # H"), "H");                // deuterium
}

TEST(LammpsData, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal("207.2 # Pb2+", "100"),
              HasSubstr("x.data:11: a mass of 100 u is that of no"));
  EXPECT_THAT(refusal("1 207.2", "3 207.2"), HasSubstr("x.data:11: '3'; expected a whole number"));
  EXPECT_THAT(refusal("2 126.904", "1 126.904"), HasSubstr("x.data:12: the type's mass is there"));
  EXPECT_THAT(refusal("2 126.904", ""), HasSubstr("without the mass of type 2"));
  EXPECT_THAT(refusal("# charge", ""), HasSubstr("x.data:16: 6 columns; the atom style"));
  EXPECT_THAT(refusal("# charge", "# sphere"), HasSubstr("x.data:14: atom style sphere"));
  EXPECT_THAT(refusal("3 2 -1 4.0 4.0 3.0", "3 2 -1 4.0 4.0"), HasSubstr("x.data:16: 5 columns"));
  EXPECT_THAT(refusal("3 2 -1 4.0 4.0 3.0", "3 2 -1 4.0 nan 3.0"), HasSubstr("'nan' is no number"));
  EXPECT_THAT(refusal("3 2 -1 4.0", "1 2 -1 4.0"), HasSubstr("x.data:17: atom 1 is there twice"));
  EXPECT_THAT(refusal("3 2 -1 4.0 4.0 3.0\n", ""), HasSubstr("without atom 3"));
  EXPECT_THAT(refusal("0 8 ylo yhi", "8 8 ylo yhi"), HasSubstr("x.data:6: the box is empty"));
  EXPECT_THAT(refusal("0 8 ylo yhi", ""), HasSubstr("has no box"));
  EXPECT_THAT(refusal("3 atoms", ""), HasSubstr("no number of atoms"));
  EXPECT_THAT(refusal("3 atoms", "30000 atoms"), HasSubstr("x.data:3: '30000'"));
  EXPECT_THAT(message_of([] { static_cast<void>(parse("")); }), HasSubstr("x.data:1: empty"));
  EXPECT_EQ(
      message_of([] { static_cast<void>(read_lammps_data("/no/such.data")); }, Cause::no_input)
          .substr(0, 1),
      "/");
}

TEST(LammpsData, OfAnyLengthIsWholeOrRefused) {
  // The last line is the last atom: whatever is shorter lacks a number or an atom.
  for (std::size_t length = 0; length + 10 < text.size(); ++length)
    EXPECT_NE(message_of([&] { static_cast<void>(parse(text.substr(0, length))); }), "no error")
        << length;
}

}  // namespace
}  // namespace twin::formats::lammps_data_test
