// SPDX-License-Identifier: GPL-3.0-or-later
// examples/virtual-beamline --as swmr, followed: the numbers are those of its column files, and a
// beamline that is killed costs what it had not measured.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "scans.h"
#include "watching.h"

using namespace twin;
using namespace tools;

namespace swmr_beamline_test {
using record::Completeness;
using record::Measurement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

/// The Python of Debian has Debian's h5py.
constexpr const char* python = "/usr/bin/python3";

class SwmrBeamline : public Watching {
 protected:
  void SetUp() override {
    if (run({python, "-c", "import h5py"}).status != 0) GTEST_SKIP() << "skipped: no python3-h5py";
    put("a.xdi", xdi(0));
    put("b.xdi", xdi(900));
    // What the beamline measures, as columns: quickly, and the same by its seed.
    ASSERT_EQ(run(beamline({"--spool", "columns"})).status, 0);
    for (const auto& m : all<Measurement>(run({"twin-acquire", "columns/scan_00001.xdi",
                                               "columns/scan_00002.xdi", "columns/scan_00003.xdi"})
                                              .out))
      truth_.push_back(m);
    ASSERT_THAT(truth_, SizeIs(3));
  }

  /// Three scans; some 0.6 s each where the speed is 1000.
  [[nodiscard]] static Words beamline(const Words& more) {
    Words argv{python,       source_dir() + "/examples/virtual-beamline",
               "heating",    "--states",
               "a.xdi",      "b.xdi",
               "--edge",     "Cu K",
               "--seed",     "3",
               "--duration", "1300"};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
  }

  std::unique_ptr<process::Child> begin(const Words& more) {
    auto child = std::make_unique<process::Child>(
        process::Launch{.argv = beamline(more), .folder = path(""), .environment = environment()});
    child->close_input();
    return child;
  }

  /// The first \p rows of a scan as the column file has them.
  void expect_same(const Measurement& m, const Measurement& truth, std::size_t rows) {
    for (const auto* name : {"energy", "i0", "itrans"}) {
      auto expected = truth.arrays.at(name).data;
      expected.resize(rows);
      EXPECT_EQ(m.arrays.at(name).data, expected) << m.context.scan << " " << name;
    }
    EXPECT_EQ(m.arrays.at("data").data, m.arrays.at("itrans").data);  // frames of one pixel
    EXPECT_EQ(m.edge, truth.edge);
    EXPECT_EQ(m.context.sample, truth.context.sample);
    EXPECT_EQ(m.context.environment.at("temperature").value,
              truth.context.environment.at("temperature").value);
  }

  std::vector<Measurement> truth_;
};

TEST_F(SwmrBeamline, EveryScanIsKeptWithTheNumbersOfTheColumnFiles) {
  start();
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  const auto measures = begin({"--spool", "spool", "--as", "swmr", "--speed", "1000"});
  for (std::size_t i = 0; i < 3; ++i) {
    const auto m = next<Measurement>();
    EXPECT_EQ(m.context.scan, "scan_0000" + std::to_string(i + 1));
    EXPECT_EQ(m.status, Completeness::final);
    EXPECT_EQ(m.revision, 0);
    expect_same(m, truth_[i], truth_[i].arrays.at("energy").data.size());
  }
  EXPECT_EQ(measures->wait(process::Seconds(60)).status, 0);
  EXPECT_TRUE(silent(1.0));
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("scan_00001", "scan_00002", "scan_00003"));
}

TEST_F(SwmrBeamline, KilledInAScanItLeavesWhatItHadMeasured) {
  start();
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  const auto measures = begin({"--spool", "spool", "--as", "swmr", "--speed", "300"});
  EXPECT_EQ(next<Measurement>().status, Completeness::final);
  for (int i = 0; i < 6000 && !exists("spool/scan_00002.h5"); ++i) ::usleep(10000);
  ::usleep(500000);  // of two seconds
  ::kill(measures->pid(), SIGKILL);
  const auto cut = next<Measurement>();
  EXPECT_EQ(cut.context.scan, "scan_00002");
  EXPECT_EQ(cut.status, Completeness::partial);
  const std::size_t rows = cut.arrays.at("energy").data.size();
  EXPECT_GE(rows, 2U);
  EXPECT_LT(rows, truth_[1].arrays.at("energy").data.size());
  expect_same(cut, truth_[1], rows);
  // Nothing is mended in it, and acquisition goes on.
  EXPECT_EQ(get("spool/scan_00002.h5")[11], 5);
  add("later.dat", columns());
  EXPECT_EQ(next<Measurement>().context.scan, "later");
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(said_, HasSubstr("scan_00002.h5: scan 'entry': its writer did not close the file"));
  EXPECT_THAT(stored(), ElementsAre("scan_00001", "scan_00002", "later"));
}

TEST_F(SwmrBeamline, AcquisitionThatIsKilledMeanwhileTakesEveryScanOnce) {
  const auto measures = begin({"--spool", "spool", "--as", "swmr", "--speed", "1000"});
  for (int round = 0; round < 5; ++round) {
    start();
    EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
    ::usleep(300000);
    ::kill(child_->pid(), SIGKILL);
    (void)child_->wait(process::Seconds(20));
  }
  EXPECT_EQ(measures->wait(process::Seconds(60)).status, 0);
  start({"--into", "run.nxs", "--until-idle", "1"});
  while (child_->read(process::Seconds(60))) {
  }
  EXPECT_EQ(child_->wait(process::Seconds(20)).status, 0);
  auto there = stored();
  std::ranges::sort(there);
  EXPECT_THAT(there, ElementsAre("scan_00001", "scan_00002", "scan_00003"));
}

}  // namespace

}  // namespace swmr_beamline_test
