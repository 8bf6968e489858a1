// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 of others through twin-acquire: what layouts are understood.
#include <gmock/gmock.h>
#include <hdf5.h>

#include <filesystem>

#include "formats/made_hdf5.h"
#include "hdf5_files.h"

using namespace twin;
using namespace tools;

namespace acquire_hdf5_test {
using formats::MadeHdf5;
using record::Measurement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

using TwinAcquireHdf5 = Hdf5Files;

TEST_F(TwinAcquireHdf5, ArraysWithAnEnergyNeedNoClass) {
  put_plain(*std::make_unique<MadeHdf5>(path("a.h5")));
  const auto m = read();
  EXPECT_EQ(m.context.scan, "a");
  EXPECT_THAT(m.columns, ElementsAre("energy", "mu"));
  EXPECT_THAT(m.arrays.at("mu").data, ElementsAre(4, 5, 6));
}

TEST_F(TwinAcquireHdf5, AnAxisInKeVIsAnEnergyWhateverItIsCalled) {
  {
    MadeHdf5 file(path("a.h5"));
    file.group("/entry", "NXentry");
    file.group("/entry/data", "NXdata");
    file.attribute("/entry/data", "axes", {"mono"});
    file.numbers("/entry/data/mono", {8.9, 8.95, 9});
    file.attribute("/entry/data/mono", "units", {"keV"});
    file.numbers("/entry/data/it", {4, 5, 6});
  }
  const auto m = read();
  EXPECT_THAT(m.arrays.at("energy").data, ElementsAre(8900, 8950, 9000));
  EXPECT_EQ(m.arrays.at("energy").unit, "eV");
}

/// As the plugin of areaDetector lays its files out, unless it is told otherwise.
TEST_F(TwinAcquireHdf5, FramesWithTheAttributesOfEach) {
  {
    MadeHdf5 file(path("a.h5"));
    file.group("/entry", "NXentry");
    file.group("/entry/instrument", "NXinstrument");
    file.group("/entry/instrument/detector", "NXdetector");
    file.numbers("/entry/instrument/detector/data", counted(24), {4, 2, 3});
    file.group("/entry/instrument/NDAttributes", "NXcollection");
    file.numbers("/entry/instrument/NDAttributes/Energy", {8900, 8901, 8902, 8903});
    file.numbers("/entry/instrument/NDAttributes/I0", {9, 9, 8, 8});
    file.numbers("/entry/instrument/NDAttributes/NDArrayUniqueId", {0, 1, 4, 5});
    file.texts("/entry/instrument/NDAttributes/ColorMode", {"a", "b", "c", "d"});
    file.group("/entry/data", "NXdata");
    file.hard_link("/entry/instrument/detector/data", "/entry/data/data");
  }
  const auto m = read();
  EXPECT_THAT(m.warnings, ElementsAre(HasSubstr("2 frames are missing by their numbers")));
  EXPECT_THAT(m.arrays.at("energy").data, ElementsAre(8900, 8901, 8902, 8903));
  EXPECT_THAT(m.arrays.at("i0").data, ElementsAre(9, 9, 8, 8));
  EXPECT_THAT(m.arrays.at("data").data, ElementsAre(21, 57, 93, 129));  // sums of six
}

/// Of images nothing but their attributes is taken; that takes no time, however large they are.
TEST_F(TwinAcquireHdf5, ImagesAreLeftOut) {
  {
    MadeHdf5 file(path("a.h5"));
    file.group("/entry", "NXentry");
    file.group("/entry/NDAttributes", "NXcollection");
    file.numbers("/entry/NDAttributes/energy", {8900, 8901, 8902, 8903});
    file.numbers("/entry/NDAttributes/i0", {9, 9, 8, 8});
    file.group("/entry/data", "NXdata");
    file.hollow("/entry/data/data", {4, 8192, 8192}, {1, 1024, 1024});
  }
  std::filesystem::resize_file(path("a.h5"), std::uintmax_t{3} << 30);
  const auto m = read();
  EXPECT_THAT(m.columns, ElementsAre("energy", "i0"));
  EXPECT_THAT(m.warnings, ElementsAre(HasSubstr("over 67 million numbers in its frames")));
}

TEST_F(TwinAcquireHdf5, AScanThatEndedEarlyIsPartial) {
  {
    MadeHdf5 file(path("a.h5"));
    file.group("/entry", "NXentry");
    file.number("/entry/num_points", 5);
    file.group("/entry/data", "NXdata");
    file.numbers("/entry/data/energy", {1, 2, 3});
    file.numbers("/entry/data/it", {4, 5, 6});
  }
  const auto said = taken();
  EXPECT_EQ(all<Measurement>(said.out).front().status, record::Completeness::partial);
  EXPECT_THAT(said.error, HasSubstr("filled up to row 3 of 5"));
}

TEST_F(TwinAcquireHdf5, TheSameNumbersInOtherBytesAreTheSameScan) {
  put_plain(*std::make_unique<MadeHdf5>(path("a.h5")));
  ASSERT_EQ(run({"twin-acquire", "a.h5", "--into", "run.nxs"}).status, 0);
  {
    MadeHdf5 file(path("a.h5"));
    put_plain(file);
    file.text("/note", "another file");
  }
  const auto again = run({"twin-acquire", "a.h5", "--into", "run.nxs"});
  EXPECT_THAT(all<Measurement>(again.out), SizeIs(0));
  EXPECT_THAT(all<record::Event>(again.out), SizeIs(1));
  put_plain(*std::make_unique<MadeHdf5>(path("a.h5")), {4, 5, 7});
  const auto other = run({"twin-acquire", "a.h5", "--into", "run.nxs"});
  ASSERT_THAT(all<Measurement>(other.out), SizeIs(1));
  EXPECT_EQ(all<Measurement>(other.out)[0].revision, 1);
}

TEST_F(TwinAcquireHdf5, PipesAndGzipAreReadLikeFiles) {
  put_plain(*std::make_unique<MadeHdf5>(path("a.h5")));
  const auto said =
      bash("gzip -k a.h5 && twin-acquire a.h5.gz && cat a.h5 | twin-acquire /dev/stdin");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(all<Measurement>(said.out), SizeIs(2));
}

}  // namespace

}  // namespace acquire_hdf5_test
