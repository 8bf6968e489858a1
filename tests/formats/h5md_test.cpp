// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/h5md.h"

#include <functional>
#include <limits>
#include <numeric>

#include "made_hdf5.h"
#include "places.h"
#include "trajectories.h"

namespace twin::formats::h5md_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A file that is changed before it is read.
struct H5mdFile : testing::Test {
  TemporaryFolder folder{"h5md"};
  std::string path = folder.path() + "/made.h5";

  /// Two atoms in two frames; what tests change is left out.
  enum Part { none, box, boundary, unit, positions, observables };
  void made(Part without, const std::function<void(MadeHdf5&)>& more = {}) {
    const std::string group = "/particles/all";
    MadeHdf5 file(path);
    file.group("/h5md", "");
    if (without != positions) {
      std::vector<double> x(12);
      std::iota(x.begin(), x.end(), 0.0);
      file.numbers(group + "/position/value", x, {2, 2, 3});
    }
    if (without != positions && without != unit)
      file.attribute(group + "/position/value", "unit", {"Angstrom"});
    if (without != box) file.numbers(group + "/box/edges", {10, 11, 12});
    if (without == box) file.group(group + "/box", "");
    if (without != boundary)
      file.attribute(group + "/box", "boundary", {"periodic", "periodic", "periodic"});
    if (more) more(file);
  }

  std::vector<atoms::TrajectoryFrame> frames() {
    const auto reader = open_trajectory(path);
    auto out = all(*reader);
    warnings = reader->warnings();
    kinds = reader->atoms().kinds;
    return out;
  }

  std::string refused() {
    return message_of([&] { frames(); });
  }

  std::vector<std::string> warnings;
  std::vector<int> kinds;
};

TEST_F(H5mdFile, ReadsWhatMdanalysisWrites) {
  path = test_data_dir() + "/trajectories/copper.h5md";
  EXPECT_THAT(trajectories_in(path), ElementsAre(path));
  const auto got = frames();
  expect_copper(got, 1e-6);
  EXPECT_EQ(got[2].step, 1000);
  EXPECT_DOUBLE_EQ(*got[2].time_ps, 4.0);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(H5mdFile, UnwrapsByImagesInAFixedBox) {
  made(none, [](MadeHdf5& file) {
    file.numbers("/particles/all/image/value", {0, 0, 0, 1, 0, -2, 0, 0, 0, 0, 0, 0}, {2, 2, 3});
    file.numbers("/particles/all/species", {7, 9});
    file.number("/particles/all/position/step", 50, 1000);
    file.number("/particles/all/position/time", 100);
    file.attribute("/particles/all/position/time", "unit", {"fs"});
  });
  const auto got = frames();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_LT((got[0].positions.row(1) - Eigen::RowVector3d(13, 4, 5 - 24)).norm(), 1e-12);
  EXPECT_LT((got[1].positions.row(1) - Eigen::RowVector3d(9, 10, 11)).norm(), 1e-12);
  EXPECT_DOUBLE_EQ(got[1].cell(1, 1), 11);
  EXPECT_EQ(got[1].step, 1050);
  EXPECT_DOUBLE_EQ(*got[1].time_ps, 0.1);
  EXPECT_THAT(kinds, ElementsAre(7, 9));
}

TEST_F(H5mdFile, EnergiesCountWithTheModuleThatDefinesThem) {
  for (const bool module : {false, true}) {
    made(none, [&](MadeHdf5& file) {
      if (module) file.group("/h5md/modules", "");
      if (module) file.group("/h5md/modules/thermodynamics", "");
      file.numbers("/observables/all/potential_energy/value", {-96.48533212331, -96.48533212331});
      file.attribute("/observables/all/potential_energy/value", "unit", {"kJ mol-1"});
      file.numbers("/observables/temperature/value", {300, 301});
      file.attribute("/observables/temperature/value", "unit", {"K"});
    });
    const auto got = frames();
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[1].energy_eV.has_value(), module);
    EXPECT_EQ(got[1].temperature.has_value(), module);
    if (!module) continue;
    EXPECT_NEAR(*got[1].energy_eV, -2.0, 1e-9);  // of two particles
    EXPECT_DOUBLE_EQ(*got[1].temperature, 301);
  }
}

TEST_F(H5mdFile, ObservablesAtOtherTimesAreLeftOut) {
  made(none, [](MadeHdf5& file) {
    file.numbers("/observables/virial_pressure/value", {1e5});
    file.attribute("/observables/virial_pressure/value", "unit", {"Pa"});
  });
  EXPECT_FALSE(frames().at(0).virial_bar);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("not at the times of the positions")));
}

TEST_F(H5mdFile, SeveralGroupsWantAName) {
  made(none, [](MadeHdf5& file) {
    file.numbers("/particles/water/position/value", std::vector<double>(12, 0.0), {2, 2, 3});
  });
  EXPECT_THAT(refused(),
              HasSubstr("several groups of particles: all, water; name one, as FILE::all"));
  path += "::all";
  EXPECT_EQ(frames().size(), 2U);
  path += "x";
  EXPECT_THAT(refused(), HasSubstr("no group of particles allx; it has all, water"));
}

TEST_F(H5mdFile, FramesWithoutTheirBoxAreLeftOut) {
  made(box, [](MadeHdf5& file) {
    file.numbers("/particles/all/box/edges/value", {10, 11, 12}, {1, 3});
  });
  EXPECT_EQ(frames().size(), 1U);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("ends too early")));
}

TEST_F(H5mdFile, SaysWhatIsWrong) {
  made(unit);
  EXPECT_EQ(frames().size(), 2U);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("no unit; they are taken as Å")));
  made(unit,
       [](MadeHdf5& f) { f.attribute("/particles/all/position/value", "unit", {"furlong"}); });
  EXPECT_THAT(refused(), HasSubstr("unit 'furlong'"));
  made(boundary, [](MadeHdf5& f) {
    f.attribute("/particles/all/box", "boundary", {"periodic", "none", "periodic"});
  });
  EXPECT_THAT(refused(), HasSubstr("boundary none"));
  made(box);
  EXPECT_THAT(refused(), HasSubstr("three lengths or three vectors"));
  made(box, [](MadeHdf5& f) { f.numbers("/particles/all/box/edges", {10, 11}); });
  EXPECT_THAT(refused(), HasSubstr("three lengths or three vectors"));
  made(box, [](MadeHdf5& f) {
    f.numbers("/particles/all/box/edges", {10, std::numeric_limits<double>::quiet_NaN(), 5});
  });
  EXPECT_THAT(refused(), HasSubstr("frame 1: its cell is not finite"));
  made(none, [](MadeHdf5& f) { f.numbers("/particles/all/species", {1, 2, 3}); });
  EXPECT_THAT(refused(), HasSubstr("as many as there are atoms"));
  made(none, [](MadeHdf5& f) { f.numbers("/particles/all/image/value", {1, 2, 3}, {1, 1, 3}); });
  EXPECT_THAT(refused(), HasSubstr("not of the shape"));
  made(positions);
  EXPECT_THAT(refused(), HasSubstr("without positions in time"));
  made(positions, [](MadeHdf5& f) {
    f.numbers("/particles/all/position/value", {1, 2, 3, 4}, {2, 2, 1});
  });
  EXPECT_THAT(refused(), HasSubstr("[frames × atoms × 3]"));
  made(positions, [](MadeHdf5& f) {
    f.hollow("/particles/all/position/value", {1u << 30, 2, 3}, {1, 2, 3});
  });
  EXPECT_THAT(refused(), HasSubstr("declared, but not written"));
  MadeHdf5(path).group("/entry", "NXentry");
  EXPECT_THAT(refused(), HasSubstr("HDF5, but no H5MD"));
}

TEST(H5mdUnit, AreTheModules) {
  EXPECT_DOUBLE_EQ(*h5md_unit("nm", "Å"), 10);
  EXPECT_DOUBLE_EQ(*h5md_unit("100 pm", "Å"), 1);
  EXPECT_DOUBLE_EQ(*h5md_unit("Angstrom", "Å"), 1);
  EXPECT_NEAR(*h5md_unit("kJ mol-1", "eV"), 1 / 96.48533212331, 1e-12);
  EXPECT_DOUBLE_EQ(*h5md_unit("fs", "ps"), 1e-3);
  EXPECT_FALSE(h5md_unit("fs", "Å"));
  EXPECT_FALSE(h5md_unit("", "Å"));
  EXPECT_FALSE(h5md_unit("-1 nm", "Å"));
}

}  // namespace
}  // namespace twin::formats::h5md_test
