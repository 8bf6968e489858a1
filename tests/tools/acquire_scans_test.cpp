// SPDX-License-Identifier: GPL-3.0-or-later
// Files that hold several scans, and axes that are no energy.
#include <gmock/gmock.h>

#include <filesystem>

#include "measured_data.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_scans_test {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

using TwinAcquireScans = Tools;

std::vector<std::string> scans_of(const std::vector<record::Measurement>& measurements) {
  std::vector<std::string> out;
  for (const auto& m : measurements) out.push_back(m.context.scan);
  return out;
}

const std::string spec =
    "#F run7\n#S 1 xas\n#N 3\n#L Energy  I0  It\n8900 1 2\n8950 3 4\n9000 5 6\n"
    "#S 2 xas\n#N 3\n#L Energy  I0  It\n8900 1 2\n9000 3 4\n8950 5 6\n"
    "#S 3 xas\n#N 3\n#L Energy  I0  It\n9000 1 2\n8950 3 4\n8900 5 6\n"
    "#S 4 ascan th 2 0 2 1\n#N 3\n#L th  I0  It\n2 1 2\n1 3 4\n0 5 6\n";

TEST_F(TwinAcquireScans, EachScanOfASpecFileIsAMeasurement) {
  put("run7.spec", spec);
  const auto said = run({"twin-acquire", "run7.spec"});
  EXPECT_EQ(said.status, 2);
  const auto all_scans = all<record::Measurement>(said.out);
  EXPECT_THAT(scans_of(all_scans), ElementsAre("run7.1", "run7.3", "run7.4"));
  EXPECT_THAT(all_scans.at(1).arrays.at("energy").data, ElementsAre(8900, 8950, 9000));
  EXPECT_THAT(all_scans.at(1).arrays.at("it").data, ElementsAre(6, 4, 2));
  EXPECT_THAT(all_scans.at(2).arrays.at("th").data, ElementsAre(2, 1, 0));  // no energy
  const auto failures = all<record::Failure>(said.out);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].what, HasSubstr("run7.spec:13: scan '2': energy decreases"));
  EXPECT_EQ(failures[0].source, "run7.spec");
  EXPECT_EQ(failures[0].cause, 65);
}

const std::string project =
    "# Athena project file -- Demeter version 0.9.24\n"
    "$old_group = 'abcd';\n@args = ('label','foil','bkg_e0','8979.5','bkg_nnorm',3,'bkg_z','Cu',"
    "'fft_edge','k');\n@x = ('8900','8950','9000');\n@y = ('0.1','0.2','1.3');\n[record]\n"
    "$old_group = 'efgh';\n@args = ('label','bad');\n@x = ('8900','8950');\n@y = ('1');\n[record]\n"
    "$old_group = 'ijkl';\n@args = ('label','chi of it','is_chi',1);\n"
    "@x = ('0','0.05');\n@y = ('0.1','0.2');\n[record]\n1;\n";

TEST_F(TwinAcquireScans, ABadScanOfAProjectIsAFailureAndTheOthersGoOn) {
  put("cu.prj", project);
  const auto said = run({"twin-acquire", "cu.prj"});
  EXPECT_EQ(said.status, 2);
  const auto scans = all<record::Measurement>(said.out);
  EXPECT_THAT(scans_of(scans), ElementsAre("cu.foil", "cu.chi of it"));
  EXPECT_EQ(scans.at(0).edge, "Cu K");
  EXPECT_EQ(scans.at(0).context.sample, "foil");
  EXPECT_THAT(scans.at(1).arrays.at("k").data, ElementsAre(0, 0.05));
  const auto failures = all<record::Failure>(said.out);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].what, HasSubstr("cu.prj:7: scan 'bad': 2 values of @x and 1 of @y"));
}

TEST_F(TwinAcquireScans, WhatAProjectStoresIsInTheMeasurementAndInTheRun) {
  put("cu.prj", project);
  const auto said = run({"twin-acquire", "--into", "run.nxs", "cu.prj"});
  const auto again = run({"twin-acquire", "--into", "run.nxs", "--since", "0"});
  EXPECT_EQ(again.status, 0) << again.error;
  for (const auto& out : {said.out, again.out}) {
    const auto scans = all<record::Measurement>(out);
    ASSERT_EQ(scans.size(), 2U);
    ASSERT_TRUE(scans[0].stored.is_object());
    EXPECT_EQ(scans[0].stored.find("e0")->number(), 8979.5);
    EXPECT_EQ(scans[0].stored.find("nnorm")->number(), 2);
  }
}

TEST_F(TwinAcquireScans, APublishedRunIsRead) {
  put("run7.spec", spec);
  static_cast<void>(run({"twin-acquire", "--into", "run.nxs", "run7.spec"}));
  const auto said = run({"twin-acquire", "run.nxs"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto scans = all<record::Measurement>(said.out);
  EXPECT_THAT(scans_of(scans), ElementsAre("run.run7.1", "run.run7.3"));
  EXPECT_THAT(scans.at(1).arrays.at("it").data, ElementsAre(6, 4, 2));
}

// Another may follow, and the first is not to change its name.
TEST_F(TwinAcquireScans, TheOneScanOfASpecFileHasItsNumber) {
  put("one.spec", spec.substr(0, spec.find("#S 2")));
  const auto said = run({"twin-acquire", "one.spec"});
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(scans_of(all<record::Measurement>(said.out)), ElementsAre("one.1"));
}

TEST_F(TwinAcquireScans, AnglesAndPixelsStayAsTheyAre) {
  put("angle.dat", "# angle i0\n17.4 1\n17.3 2\n17.2 3\n");
  put("pixel.dat", "# pixel counts\n2 1\n1 2\n0 3\n");
  put("zigzag.dat", "# theta i0\n1 1\n3 2\n2 3\n");
  const auto said = run({"twin-acquire", "angle.dat", "pixel.dat", "zigzag.dat"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto scans = all<record::Measurement>(said.out);
  ASSERT_EQ(scans.size(), 3U);
  EXPECT_THAT(scans[0].arrays.at("angle").data, ElementsAre(17.4, 17.3, 17.2));
  EXPECT_THAT(scans[1].arrays.at("pixel").data, ElementsAre(2, 1, 0));
  EXPECT_THAT(scans[2].arrays.at("theta").data, ElementsAre(1, 3, 2));
}

TEST_F(TwinAcquireScans, AMeasuredProject) {
  const auto file = measured_data() / "xas/cyanobacteria.prj";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "skipped: no $TWIN_DATA/xas";
  const auto said = run({"twin-acquire", file.string()});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto scans = all<record::Measurement>(said.out);
  ASSERT_EQ(scans.size(), 17U);  // eight times and nine standards
  EXPECT_EQ(scans[0].context.scan, "cyanobacteria.0.12");
  EXPECT_EQ(scans[0].edge, "Au L3");
  EXPECT_EQ(scans[0].arrays.at("energy").data.size(), 325U);
  EXPECT_EQ(scans[0].stored.find("eshift")->number(), -0.23);
  EXPECT_EQ(scans[8].context.scan, "cyanobacteria.Au foil");
}

}  // namespace

}  // namespace acquire_scans_test
