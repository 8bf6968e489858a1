// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 that somebody is writing as SWMR: followed, taken when a scan is over, whatever becomes of
// its writer.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "scans.h"
#include "swmr_writer.h"
#include "watching.h"

using namespace twin;
using namespace tools;

namespace acquire_swmr_test {
using record::Measurement;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

using record::Completeness;

class TwinAcquireSwmr : public Watching {
 protected:
  /// What a writer that died after so many points leaves: the bytes as they are before it closes.
  void leave_dead(const std::string& name, int points, double announced = 0) {
    SwmrWriter writer(path("under_way"), announced);
    writer.add(1, points);
    std::filesystem::copy_file(path("under_way"), path(name));
  }

  /// Those of twin-acquire, as soon as there are any. \return  how many
  int kill_children() const {
    const std::string pid = std::to_string(child_->pid());
    int killed = 0;
    for (int i = 0; i < 1000 && killed == 0; ++i) {
      ::usleep(10000);
      std::ifstream list("/proc/" + pid + "/task/" + pid + "/children");
      for (int one = 0; list >> one; ++killed) ::kill(one, SIGKILL);
    }
    ::usleep(100000);
    return killed;
  }
};

TEST_F(TwinAcquireSwmr, AScanIsTakenWhenItsWriterClosesTheFile) {
  start();
  SwmrWriter writer(path("spool/a.h5"));
  writer.add(1, 10);
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  EXPECT_TRUE(silent(1.0));
  writer.add(11, 10);
  writer.close();
  const auto m = next<Measurement>();
  EXPECT_EQ(m.context.scan, "a");
  EXPECT_EQ(m.status, Completeness::final);
  EXPECT_EQ(m.arrays.at("mu").data.size(), 20U);
  EXPECT_EQ(m.arrays.at("mu").data.back(), 20);
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a"));
}

TEST_F(TwinAcquireSwmr, AScanIsTakenWhenAllPointsThatWereAnnouncedAreThere) {
  start();
  SwmrWriter writer(path("spool/a.h5"), 12);
  writer.add(1, 11);
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  EXPECT_TRUE(silent(1.0));
  writer.add(12);
  const auto m = next<Measurement>();  // and the file is open
  EXPECT_EQ(m.context.scan, "a");
  EXPECT_EQ(m.status, Completeness::final);
  EXPECT_EQ(m.arrays.at("energy").data.size(), 12U);
  writer.close();
  EXPECT_TRUE(silent(1.0));  // no news
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a"));
  // Also not for one that finds it closed.
  start({"--into", "run.nxs", "--until-idle", "1"});
  const auto again = next<record::Event>();
  EXPECT_EQ(again.what, "duplicate");
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireSwmr, EachIsPrintedOnceAlsoWithoutARun) {
  start({});
  SwmrWriter writer(path("spool/a.h5"), 6);
  writer.add(1, 6);
  EXPECT_EQ(next<Measurement>().context.scan, "a");
  writer.close();
  add("later.dat", columns());
  EXPECT_EQ(next<Measurement>().context.scan, "later");
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireSwmr, OfAStackEachScanWhenTheNextBegins) {
  start();
  SwmrWriter writer(path("spool/a.h5"), 0, 5);
  writer.add(1, 2);
  EXPECT_EQ(next<Measurement>().context.scan, "a.data[0]");
  writer.add(3);
  const auto second = next<Measurement>();
  EXPECT_EQ(second.context.scan, "a.data[1]");
  EXPECT_THAT(second.arrays.at("mu").data, ElementsAre(2, 3, 4, 5, 6));
  writer.close();
  const auto third = next<Measurement>();
  EXPECT_EQ(third.context.scan, "a.data[2]");
  EXPECT_EQ(third.status, Completeness::final);
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a.data[0]", "a.data[1]", "a.data[2]"));
}

TEST_F(TwinAcquireSwmr, OfADeadWriterWhatThereIsAsPartial) {
  leave_dead("dead.h5", 7);
  const std::string before = get("dead.h5");
  const auto said = run({"twin-acquire", "dead.h5"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto scans = all<Measurement>(said.out);
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_EQ(scans[0].status, Completeness::partial);
  EXPECT_THAT(scans[0].arrays.at("mu").data, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(said.error, HasSubstr("its writer did not close the file; 7 points of it are there"));
  EXPECT_EQ(get("dead.h5"), before);
}

TEST_F(TwinAcquireSwmr, WhatWasAnnouncedIsWholeThoughItsWriterDied) {
  leave_dead("dead.h5", 7, 7);
  const auto scans = all<Measurement>(run({"twin-acquire", "dead.h5"}).out);
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_EQ(scans[0].status, Completeness::final);
}

TEST_F(TwinAcquireSwmr, WhileItIsWrittenItIsForLaterAndTheOthersAreRead) {
  SwmrWriter writer(path("a.h5"));
  writer.add(1, 5);
  put("good.dat", columns());
  const auto said = run({"twin-acquire", "a.h5", "good.dat"});
  EXPECT_EQ(said.status, 2);
  const auto failures = all<record::Failure>(said.out);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].cause, 75);
  EXPECT_THAT(failures[0].what, HasSubstr("a.h5: it is still open for writing"));
  EXPECT_THAT(all<Measurement>(said.out), SizeIs(1));
}

TEST_F(TwinAcquireSwmr, APartialScanThatGoesOnIsARevision) {
  leave_dead("spool/a.h5", 7);
  start();
  const auto dead = next<Measurement>();
  EXPECT_EQ(dead.status, Completeness::partial);
  {
    SwmrWriter writer(path("whole"));
    writer.add(1, 12);
  }
  std::filesystem::rename(path("whole"), path("spool/a.h5"));
  const auto whole = next<Measurement>();
  EXPECT_EQ(whole.status, Completeness::final);
  EXPECT_EQ(whole.revision, 1);
  EXPECT_THAT(whole.header.from, ElementsAre(dead.header.id));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireSwmr, ItsChildrenMayDie) {
  start();
  SwmrWriter writer(path("spool/a.h5"), 12);
  writer.add(1, 5);
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  EXPECT_GE(kill_children(), 1);  // the one that follows
  writer.add(6, 7);
  EXPECT_TRUE(silent(0.5));
  writer.close();
  EXPECT_EQ(next<Measurement>().arrays.at("mu").data.size(), 12U);
  EXPECT_GE(kill_children(), 1);  // the one that waits for the next file
  SwmrWriter(path("b")).add(1, 4);
  std::filesystem::rename(path("b"), path("spool/b.h5"));
  EXPECT_EQ(next<Measurement>().context.scan, "b");
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a", "b"));
}

TEST_F(TwinAcquireSwmr, ManyAtOnce) {
  start();
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  std::vector<std::unique_ptr<SwmrWriter>> writers;
  for (int i = 0; i < 24; ++i)  // more than are followed
    writers.push_back(
        std::make_unique<SwmrWriter>(path("spool/s" + std::to_string(100 + i) + ".h5")));
  for (int k = 0; k < 20; ++k) {
    for (const auto& writer : writers) writer->add(k);
    ::usleep(20000);
  }
  writers.clear();
  for (int i = 0; i < 24; ++i) {
    const auto m = next<Measurement>();
    EXPECT_EQ(m.status, Completeness::final);
    EXPECT_EQ(m.arrays.at("mu").data.size(), 20U) << m.context.scan;
  }
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), SizeIs(24));
}

/// As `h5clear -s` leaves a file whose end its writer had not noted: it hangs who opens it.
TEST_F(TwinAcquireSwmr, WronglyMendedItComesToAnEnd) {
  SKIP_WITHOUT("h5clear");
  leave_dead("mended.h5", 200);
  put("good.dat", columns());
  const auto said = bash(
      "cp mended.h5 flagged.h5; h5clear -s mended.h5; cp mended.h5 both.h5;"
      "printf '\\5' | dd of=both.h5 bs=1 seek=11 conv=notrunc 2>/dev/null;"
      "truncate -s 626 flagged.h5; twin-acquire mended.h5 both.h5 flagged.h5 good.dat");
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(all<record::Failure>(said.out), SizeIs(Ge(1U)));
  EXPECT_EQ(all<Measurement>(said.out).back().context.scan, "good");
}

TEST_F(TwinAcquireSwmr, CutAnywhereItComesToAnEnd) {
  leave_dead("dead.h5", 100);
  const std::string bytes = get("dead.h5");
  std::mt19937 random(5);
  Words argv{"twin-acquire", "--quiet"};
  for (int i = 0; i < 50; ++i) {
    argv.push_back("cut" + std::to_string(i) + ".h5");
    put(argv.back(), bytes.substr(0, 12 + random() % (bytes.size() - 12)));
  }
  argv.emplace_back("dead.h5");
  const auto said = run(argv);
  EXPECT_EQ(said.status, 2);
  const auto scans = all<Measurement>(said.out);
  ASSERT_FALSE(scans.empty());
  EXPECT_EQ(scans.back().context.scan, "dead");
  for (const auto& m : scans) EXPECT_EQ(m.status, Completeness::partial);
}

}  // namespace

}  // namespace acquire_swmr_test
