// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/nexus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/file.h"
#include "core/text.h"
#include "formats/read_scan.h"
#include "made_hdf5.h"
#include "support.h"

namespace twin::formats::nexus_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Nexus : public testing::Test {
 protected:
  Nexus() : folder_("formats"), path_(folder_.path() + "/a.nxs") {}

  [[nodiscard]] std::vector<ScanFile> read(std::vector<Error>* refused = nullptr) const {
    return read_scans(path_, refused);
  }
  [[nodiscard]] std::string error() const {
    return message_of([&] { (void)read(); });
  }

  TemporaryFolder folder_;
  std::string path_;
};

/// What the application definition NXxas asks for.
void write_raw(MadeHdf5& file) {
  file.group("/entry1", "NXentry");
  file.text("/entry1/definition", "NXxas");
  file.text("/entry1/title", "made up");
  file.group("/entry1/instrument", "NXinstrument");
  file.group("/entry1/instrument/monochromator", "NXmonochromator");
  file.numbers("/entry1/instrument/monochromator/energy", {8.9, 8.95, 9.0});
  file.attribute("/entry1/instrument/monochromator/energy", "units", {"keV"});
  file.group("/entry1/instrument/incoming_beam", "NXdetector");
  file.numbers("/entry1/instrument/incoming_beam/data", {10, 11, 12});
  file.group("/entry1/instrument/absorbed_beam", "NXdetector");
  file.numbers("/entry1/instrument/absorbed_beam/data", {1, 2, 3});
  file.group("/entry1/sample", "NXsample");
  file.text("/entry1/sample/name", "Cu foil");
  file.group("/entry1/data", "NXdata");
  file.hard_link("/entry1/instrument/monochromator/energy", "/entry1/data/energy");
  file.hard_link("/entry1/instrument/absorbed_beam/data", "/entry1/data/absorbed_beam");
}

TEST_F(Nexus, RawDataOfTheApplicationDefinition) {
  write_raw(*std::make_unique<MadeHdf5>(path_));
  const auto scan = read_scan(path_);
  EXPECT_EQ(scan.format, "nexus");
  EXPECT_EQ(scan.label, "");
  EXPECT_EQ(scan.sha256.size(), 64u);
  EXPECT_THAT(scan.names, ElementsAre("energy", "signal", "i0"));
  EXPECT_THAT(scan.units, ElementsAre("eV", "", ""));
  EXPECT_THAT(scan.columns[0], ElementsAre(8900, 8950, 9000));
  EXPECT_THAT(scan.columns[1], ElementsAre(1, 2, 3));
  EXPECT_THAT(scan.columns[2], ElementsAre(10, 11, 12));
  EXPECT_EQ(scan.metadata.at("sample.name"), "Cu foil");
  EXPECT_EQ(scan.metadata.at("nexus.title"), "made up");
  EXPECT_FALSE(scan.truncated);
}

TEST_F(Nexus, BytesOfAStreamReadAsTheFile) {
  write_raw(*std::make_unique<MadeHdf5>(path_));
  std::istringstream in(read_file(path_));
  EXPECT_EQ(parse_scan(in, "a").columns, read_scan(path_).columns);
}

TEST_F(Nexus, IntensityOfAStackIsAScanEach) {
  {
    MadeHdf5 file(path_);
    file.group("/entry", "NXentry");
    file.text("/entry/definition", "NXxas");
    file.text("/entry/element", "Cu");
    file.text("/entry/edge", "K");
    file.numbers("/entry/energy", {1, 2, 3});
    file.numbers("/entry/intensity", {1, 2, 3, 4, 5, 6}, {2, 3});
    file.numbers("/entry/i0", {7, 8, 9});
  }
  const auto scans = read();
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_THAT(scans[0].names, ElementsAre("energy", "i0", "mu"));
  EXPECT_THAT(scans[1].columns[1], ElementsAre(7, 8, 9));
  EXPECT_THAT(scans[1].columns[2], ElementsAre(4, 5, 6));
  EXPECT_EQ(scans[0].label, "entry[0]");
  EXPECT_EQ(scans[1].label, "entry[1]");
  EXPECT_EQ(scans[0].metadata.at("element.symbol"), "Cu");
  EXPECT_EQ(scans[0].metadata.at("element.edge"), "K");
  EXPECT_THAT(message_of([&] { (void)read_scan(path_); }),
              HasSubstr("2 scans (entry[0], entry[1]); a file with one"));
}

/// As twin-acquire publishes a run.
TEST_F(Nexus, AnyNXdataOverAnEnergy) {
  {
    MadeHdf5 file(path_);
    file.group("/entry", "NXentry");
    file.group("/entry/scans_1", "NXdata");
    file.attribute("/entry/scans_1", "signal", {"mu"});
    file.attribute("/entry/scans_1", "axes", {".", "energy"});
    file.numbers("/entry/scans_1/energy", {1, 2, 3});
    file.attribute("/entry/scans_1/energy", "units", {"eV"});
    file.numbers("/entry/scans_1/mu", {1, 2, 3, 4, 5, 6}, {2, 3});
    file.numbers("/entry/scans_1/sequence", {1, 2});
    file.texts("/entry/scans_1/scan_names", {"first", "second"});
    file.group("/entry/map", "NXdata");  // over a position
    file.attribute("/entry/map", "axes", {"x"});
    file.numbers("/entry/map/x", {1, 2, 3});
    file.numbers("/entry/map/energy", {1, 2, 3});
    file.group("/entry/process_1", "NXprocess");
    file.group("/entry/process_1/results_1", "NXdata");
    file.numbers("/entry/process_1/results_1/k", {1, 2, 3});
    file.numbers("/entry/process_1/results_1/chi", {1, 2, 3});
  }
  const auto scans = read();
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].label, "first");
  EXPECT_EQ(scans[1].label, "second");
  EXPECT_THAT(scans[1].names, ElementsAre("energy", "mu"));
  EXPECT_THAT(scans[1].columns[1], ElementsAre(4, 5, 6));
}

TEST_F(Nexus, AScanUnderWayIsTruncated) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  {
    MadeHdf5 file(path_);
    file.group("/data", "NXdata");
    file.numbers("/data/energy", {1, 2, 3, 4});
    file.numbers("/data/mu", {1, 2, nan, nan});
    file.numbers("/data/other", {nan, 2, 3, 4});
  }
  const auto scan = read_scan(path_);
  EXPECT_TRUE(scan.truncated);
  EXPECT_THAT(scan.names, ElementsAre("energy", "mu"));
  EXPECT_THAT(scan.columns[1], ElementsAre(1, 2));
  EXPECT_THAT(join(scan.warnings, "\n"), HasSubstr("other holds what is no finite number"));
  EXPECT_THAT(join(scan.warnings, "\n"), HasSubstr("filled up to row 2 of 4"));
}

TEST_F(Nexus, LinksAreFollowedWithinTheFileAlone) {
  write_file_atomically(folder_.path() + "/raw", std::string(24, '\1'));
  {
    MadeHdf5 other(folder_.path() + "/other.h5");
    other.numbers("/mu", {1, 2, 3});
  }
  {
    MadeHdf5 file(path_);
    file.numbers("/raw/energy", {1, 2, 3});
    file.numbers("/raw/mu", {4, 5, 6});
    file.group("/data", "NXdata");
    file.soft_link("/raw/energy", "/data/energy");
    file.soft_link("../nowhere", "/data/nothing");
    file.soft_link("/data/loop", "/data/loop");
    file.soft_link("/raw/mu", "/data/mu");
    file.soft_link("/data/out", "/data/out_too");
    file.external_link("other.h5", "/mu", "/data/out");
    file.external_numbers("/data/raw", "raw", 3);
  }
  const auto scan = read_scan(path_);
  EXPECT_THAT(scan.names, ElementsAre("energy", "mu"));
  EXPECT_THAT(scan.columns[1], ElementsAre(4, 5, 6));
}

TEST_F(Nexus, GroupsInACircle) {
  {
    MadeHdf5 file(path_);
    file.group("/entry", "NXentry");
    file.group("/entry/data", "NXdata");
    file.numbers("/entry/data/energy", {1, 2, 3});
    file.numbers("/entry/data/mu", {4, 5, 6});
    file.hard_link("/entry", "/entry/data/entry");
    file.hard_link("/", "/entry/root");
  }
  EXPECT_EQ(read().size(), 1u);
}

TEST_F(Nexus, SizesThatAreOnlyDeclared) {
  {
    MadeHdf5 file(path_);
    file.group("/data", "NXdata");
    file.hollow("/data/energy", {std::size_t{1} << 40}, {1024});
    file.hollow("/data/mu", {std::size_t{1} << 40}, {1024});
  }
  EXPECT_THAT(error(), HasSubstr("/data/energy: over 67 million numbers"));
  {
    MadeHdf5 file(path_);
    file.group("/data", "NXdata");
    file.hollow("/data/energy", {4}, {std::size_t{1} << 28});
    file.numbers("/data/mu", {1, 2, 3, 4});
  }
  EXPECT_THAT(error(), HasSubstr("HDF5 without a spectrum"));
}

TEST_F(Nexus, WithoutASpectrum) {
  { MadeHdf5 file(path_); }
  EXPECT_THAT(error(), HasSubstr("HDF5 without a spectrum; an NXentry"));
  {
    MadeHdf5 file(path_);
    file.group("/entry", "NXentry");
    file.text("/entry/definition", "NXxas");
    file.text("/entry/energy", "much");
    file.numbers("/entry/mu", {1, 2, 3});
  }
  EXPECT_THAT(error(), HasSubstr("HDF5 without a spectrum"));
}

TEST_F(Nexus, ABadScanLeavesTheOthers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  {
    MadeHdf5 file(path_);
    file.group("/a", "NXdata");
    file.numbers("/a/energy", {1, 2, 3});
    file.numbers("/a/mu", {nan, nan, nan, 4, 5, 6}, {2, 3});
  }
  std::vector<Error> refused;
  const auto scans = read(&refused);
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_EQ(scans[0].label, "a[1]");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0].what(), HasSubstr("a.nxs: scan 'a[0]': no column of finite numbers"));
}

TEST_F(Nexus, TruncationAtEveryByteIsRefused) {
  {
    MadeHdf5 file(path_);
    file.group("/a", "NXdata");
    file.numbers("/a/energy", {1, 2, 3});
    file.numbers("/a/mu", {4, 5, 6});
  }
  const std::string bytes = read_file(path_);
  ASSERT_EQ(parse_nexus(bytes, "a").size(), 1u);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(message_of([&] { (void)parse_nexus(bytes.substr(0, size), "a"); }), "no error")
        << size;
}

}  // namespace
}  // namespace twin::formats::nexus_test
