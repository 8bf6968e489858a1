// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/known_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/read_scan.h"
#include "support.h"

namespace twin::formats::known_header_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ScanFile parse(const std::string& text) {
  std::istringstream in(text);
  return parse_scan(in, "scan.dat");
}

TEST(KnownHeader, AnglesOfThePhotonFactory) {
  const auto scan = parse(
      "  9809     KEK-PF   BL0\n made up\n Mono :   Si(111)       D=  3.13551 A    Initial angle= "
      "1 "
      "deg\n\n Block      Init-Eng  Final-Eng\n     1   1.0   2.0\n     2  2.0  3.0\n Ortec(-1) "
      "NDCH = 4\n"
      "  Angle(c)  Angle(o)    time/s    1    2   3\n      Mode         0         0    1    2   3\n"
      "    Offset         0         0  7.5  7.5 7.5\n 17.5 17.4 1.0 10 20 30\n 17.3 17.2 1.0 11 21 "
      "31\n");
  EXPECT_THAT(scan.names, ElementsAre("angle", "angle_asked", "time", "i0", "i1", "fluorescence"));
  EXPECT_THAT(scan.units, ElementsAre("deg", "deg", "s", "", "", ""));
  EXPECT_EQ(scan.metadata.at("mono.d_spacing"), "3.13551");
  EXPECT_EQ(scan.metadata.at("mono.name"), "Si(111)");
  EXPECT_THAT(scan.warnings, IsEmpty());
}

TEST(KnownHeader, NamesALineOfSsrl) {
  const auto scan = parse(
      "SSRL   EXAFS Data Collector 1.3\nmade up\nWeights: \n 1.0 1.0 1.0\nOffsets: \n 0.0 0.0 0.0\n"
      "Data: \nReal time clock   \nAchieved Energy   \nI0   \n\n 1.0 9000.0 5.0\n 1.0 9001.0 "
      "6.0\n");
  EXPECT_THAT(scan.names, ElementsAre("real_time_clock", "achieved_energy", "i0"));
  EXPECT_THAT(scan.units, ElementsAre("", "eV", ""));
  EXPECT_THAT(scan.warnings, IsEmpty());
}

TEST(KnownHeader, QuotedNamesOfTheClsAndItsMacros) {
  const auto scan = parse(
      "# CLS Data Acquisition\n#(1)\t\"Event-ID\"\t\"BL:Energy\"\t\"BL:mcs03:fbk\"\n"
      "#(1)\t\"Event-ID\"\t\"$(Energy)\"\t\"$(Detector1)\"\n# Background, 0\n1, 9000.0, 5\n1, "
      "9001.0, 6\n");
  EXPECT_THAT(scan.names, ElementsAre("event-id", "bl:energy", "bl:mcs03:fbk"));
  EXPECT_THAT(scan.units, ElementsAre("", "eV", ""));
}

TEST(KnownHeader, NumberedNamesOfPhoenix) {
  const auto scan = parse("#  Energy_c1  I0_c2  KEITHLEY3_c3\n 1.0 2.0 3.0\n 4.0 5.0 6.0\n");
  EXPECT_THAT(scan.names, ElementsAre("energy", "i0", "keithley3"));
  EXPECT_EQ(scan.units[0], "eV");
  EXPECT_THAT(parse("# a_c1 b_c3\n1 2\n3 4\n").names, ElementsAre("a_c1", "b_c3"));
}

TEST(KnownHeader, PixelsThatCount) {
  const std::string header = ":runabs2_sun  from pixel 0 to 2 from stripe 3 to 14\n:N \n";
  EXPECT_THAT(parse(header + "0 0.1\n1 0.2\n2 0.3\n").names, ElementsAre("pixel", "mu"));
  EXPECT_THAT(parse(header + "0 0.1\n2 0.2\n3 0.3\n").names, ElementsAre("1", "2"));
}

TEST(KnownHeader, OthersAreNone) {
  EXPECT_FALSE(known_header({}, {1, 2}, 2));
  EXPECT_FALSE(known_header({"9809", "Angle(c)", "Mode 0 0 1"}, {1, 2}, 5));
  EXPECT_FALSE(known_header({"SSRL", "Data:", "a"}, {1, 2}, 2));
  EXPECT_FALSE(known_header({"XDAC V1.4", "Energy I0"}, {1, 2}, 3));
}

struct Beamline {
  const char* file;
  std::size_t rows;
  std::map<std::string, std::size_t> used;  ///< what a recipe names, and its column from 0
  const char* unit;                         ///< of the first of `axis`
  const char* axis;
  double first;
};

class WhatBeamlinesWrite : public testing::TestWithParam<Beamline> {};

TEST_P(WhatBeamlinesWrite, GivesTheColumnsOfARecipe) {
  const auto& known = GetParam();
  const auto folder = measured_data() / "xas/formats";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no " << folder;
  const auto scan = read_scan((folder / known.file).string());
  EXPECT_EQ(scan.rows(), known.rows);
  for (const auto& [name, column] : known.used) EXPECT_EQ(column_index(scan, name), column) << name;
  const auto axis = column_index(scan, known.axis);
  EXPECT_EQ(scan.units[axis], known.unit);
  EXPECT_EQ(scan.columns[axis].front(), known.first);
  EXPECT_FALSE(scan.truncated);
}

// Rows as counted with grep and awk, names as in the files' own headers.
INSTANTIATE_TEST_SUITE_P(
    KnownHeader, WhatBeamlinesWrite,
    testing::Values(
        Beamline{
            "APS13ID_2019.dat",
            221,
            {{"energy", 0}, {"i0", 2}, {"i1", 3}, {"mn_ka_mca1", 5}, {"outputcounts_mca4", 12}},
            "eV",
            "energy",
            6389.001866},
        Beamline{"SSRL1_2006.dat",
                 455,
                 {{"achieved_energy", 2}, {"i0", 3}, {"i1", 4}, {"i2", 5}},
                 "eV",
                 "achieved_energy",
                 25284.998},
        Beamline{"ESRF_BM08_LISA_2021.dat",
                 198,
                 {{"ebraggenergy", 0}, {"i0_eh1", 1}, {"mu", 3}, {"mu_ref", 6}},
                 "",
                 "ebraggenergy",
                 10906.925247165695},
        Beamline{"SLS_PHOENIX_2023.dat",
                 301,
                 {{"energy", 0}, {"mgka_sum_cps", 1}, {"i0_keithley1", 3}, {"d1_icr", 23}},
                 "eV",
                 "energy",
                 1479.998754},
        Beamline{"NSLS_XDAC_2011.dat",
                 422,
                 {{"energy", 0}, {"i0", 1}, {"it", 2}, {"ifch4", 6}, {"iref", 15}},
                 "eV",
                 "energy",
                 6912.0019},
        Beamline{"CLSHXMA.dat",
                 414,
                 {{"bl1606-id-1:energy", 1}, {"bl1606-id1:mcs03:fbk", 4}},
                 "eV",
                 "bl1606-id-1:energy",
                 11667.0},
        Beamline{"PF9A_2022.dat",
                 1426,
                 {{"angle", 0}, {"i0", 3}, {"fluorescence", 4}},
                 "deg",
                 "angle",
                 17.41446},
        Beamline{"nonuniform.chi", 476, {{"k", 0}, {"chi", 1}}, "", "k", 1.2864742539},
        Beamline{
            "../series_dispersive_cus2/cu_08", 1241, {{"pixel", 0}, {"mu", 1}}, "", "pixel", 0},
        Beamline{
            "../series_dispersive_cus2/cus2_10", 1241, {{"pixel", 0}, {"mu", 1}}, "", "pixel", 0}));

}  // namespace
}  // namespace twin::formats::known_header_test
