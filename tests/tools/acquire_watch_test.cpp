// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --watch: what comes into a folder, as it comes.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/text.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"
#include "watching.h"

using namespace twin;
using namespace tools;

namespace acquire_watch_test {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

namespace fs = std::filesystem;

using TwinAcquireWatch = Watching;

using record::Measurement;

TEST_F(TwinAcquireWatch, FilesAreMeasurementsAsTheyCome) {
  add("before.dat", columns(1));
  start();
  EXPECT_EQ(next<Measurement>().context.scan, "before");
  add("after.xdi", xdi(2));
  const auto m = next<Measurement>();
  EXPECT_EQ(m.context.scan, "after");
  EXPECT_EQ(m.source_file, "spool/after.xdi");
  EXPECT_EQ(m.revision, 0);
  put("spool/.third.dat", columns(3));
  fs::rename(path("spool/.third.dat"), path("spool/third.dat"));
  EXPECT_EQ(next<Measurement>().context.scan, "third");
  EXPECT_EQ(end(), 143);
  EXPECT_EQ(next<record::End>().status, 143);
  EXPECT_THAT(stored(), ElementsAre("before", "after", "third"));
}

TEST_F(TwinAcquireWatch, LinksAreFilesToo) {
  start();
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  put("one.dat", columns(1));
  put("two.dat", columns(2));
  fs::create_symlink(path("one.dat"), path("spool/one.dat"));
  fs::create_hard_link(path("two.dat"), path("spool/two.dat"));
  EXPECT_THAT((std::vector{next<Measurement>().context.scan, next<Measurement>().context.scan}),
              testing::UnorderedElementsAre("one", "two"));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireWatch, ItEndsWhenNothingComes) {
  add("a.dat", columns());
  const auto said =
      run({"twin-acquire", "--watch", "spool", "--until-idle", "0.5", "--into", "spool/run.nxs"});
  EXPECT_EQ(said.status, 0) << said.error;
  // Its own run is no measurement.
  EXPECT_THAT(all<Measurement>(said.out), SizeIs(1));
  EXPECT_TRUE(exists("spool/run.nxs"));
  const auto again =
      run({"twin-acquire", "--watch", "spool", "--until-idle", "0.5", "--into", "spool/run.nxs"});
  EXPECT_THAT(all<Measurement>(again.out), IsEmpty());
  EXPECT_THAT(all<record::Event>(again.out), SizeIs(1));
}

std::string spec_scan(int number, int rows, int wanted) {
  std::string out = "\n#S " + std::to_string(number) + " ascan energy 8900 9000 " +
                    std::to_string(wanted - 1) + " 1\n#N 3\n#L Energy  I0  It\n";
  for (int row = 0; row < rows; ++row)
    out += std::to_string(8900 + row) + " 10 " + std::to_string(5 + number) + "\n";
  return out;
}

TEST_F(TwinAcquireWatch, OfASpecFileEachScanWhenItIsOver) {
  start();
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  std::ofstream file(path("spool/run7.spec"), std::ios::binary);
  file << "#F run7\n" << spec_scan(1, 4, 10) << std::flush;
  EXPECT_TRUE(silent(0.5));
  for (int row = 4; row < 10; ++row) file << 8900 + row << " 10 6\n" << std::flush;
  const auto first = next<Measurement>();  // all of its points are there
  EXPECT_EQ(first.context.scan, "run7.1");
  EXPECT_EQ(first.arrays.at("it").data.size(), 10U);
  EXPECT_EQ(first.status, record::Completeness::final);
  file << spec_scan(2, 4, 10) << std::flush;
  EXPECT_TRUE(silent(0.5));
  file << "#C Thu Nov 26 2026.  Scan aborted after 4 points.\n"
       << spec_scan(3, 2, 10) << std::flush;
  const auto second = next<Measurement>();
  EXPECT_EQ(second.context.scan, "run7.2");
  EXPECT_EQ(second.status, record::Completeness::partial);
  file.close();
  EXPECT_EQ(next<Measurement>().context.scan, "run7.3");
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("run7.1", "run7.2", "run7.3"));
}

TEST_F(TwinAcquireWatch, WhatIsWrittenAnewIsAnotherRevision) {
  add("a.dat", columns(1));
  start();
  const auto first = next<Measurement>();
  put("spool/new", columns(2));
  fs::rename(path("spool/new"), path("spool/a.dat"));
  auto second = next<Measurement>();
  if (second.context.scan == "new") second = next<Measurement>();  // it was seen on its way
  EXPECT_EQ(second.context.scan, "a");
  EXPECT_EQ(second.revision, 1);
  EXPECT_THAT(second.header.from, ElementsAre(first.header.id));
  EXPECT_EQ(end(), 143);
  // Also by the next one, which has to find out what there is.
  put("spool/a.dat", columns(3));
  start();
  const auto third = next<Measurement>();
  EXPECT_EQ(third.revision, 2);
  EXPECT_THAT(third.header.from, ElementsAre(second.header.id));
  put("spool/a.dat", columns(1));  // as it was in the beginning
  const auto fourth = next<Measurement>();
  EXPECT_EQ(fourth.revision, 3);
  EXPECT_THAT(fourth.header.from, ElementsAre(third.header.id));
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireWatch, AFileThatIsNoneIsOneFailureAndTheOthersGoOn) {
  start();
  add("bad.dat", "no numbers\nat all\n");
  const auto failure = next<record::Failure>();
  EXPECT_EQ(failure.source, "spool/bad.dat");
  add("good.dat", columns());
  EXPECT_EQ(next<Measurement>().context.scan, "good");
  EXPECT_EQ(end(SIGINT), 130);
  EXPECT_THAT(said_, HasSubstr("bad.dat"));
}

TEST_F(TwinAcquireWatch, AReaderThatSleepsDoesNotStopTheStoring) {
  constexpr int files = 60;
  start();
  EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  for (int i = 0; i < files; ++i) add("s" + std::to_string(100 + i) + ".dat", columns(i));
  // More than a pipe holds, and nobody reads it.
  std::size_t there = 0;
  for (int i = 0; i < 600 && there < files; ++i) {
    const auto list = run({"twin-acquire", "--into", "run.nxs", "--list"});
    there =
        static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, std::ranges::count(list.out, '\n'))) -
        1;
    ::usleep(50000);
  }
  EXPECT_EQ(there, files);
  Words printed;
  for (int i = 0; i < files; ++i) printed.push_back(next<Measurement>().context.scan);
  EXPECT_EQ(printed, stored());
  EXPECT_EQ(end(), 143);
}

TEST_F(TwinAcquireWatch, KilledItLosesNothingAndGoesOn) {
  std::set<std::string> printed;
  int made = 0;
  for (int round = 0; round < 6; ++round) {
    start();
    for (int i = 0; i < 10; ++i, ++made) add("s" + std::to_string(made) + ".dat", columns(made));
    for (int i = 0; i <= round; ++i) printed.insert(next<Measurement>().context.scan);
    ::kill(child_->pid(), SIGKILL);
    (void)child_->wait(process::Seconds(20));
  }
  start({"--into", "run.nxs", "--until-idle", "1"});
  while (const auto chunk = child_->read(process::Seconds(60))) {
  }
  EXPECT_EQ(child_->wait(process::Seconds(20)).status, 0);
  const Words there = stored();
  const std::set<std::string> once(there.begin(), there.end());
  EXPECT_THAT(there, SizeIs(once.size()));
  EXPECT_THAT(once, SizeIs(made));
  EXPECT_TRUE(std::ranges::includes(once, printed));
}

TEST_F(TwinAcquireWatch, AFullDiskIsSaidAndWhatWasAcceptedStays) {
  if (::getuid() != 0 || !fs::create_directory(path("small")) ||
      ::mount("none", path("small").c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "skipped: no small file system can be made";
  start({"--into", "small/run.nxs"});
  std::size_t printed = 0;
  for (int i = 0; i < 60; ++i) add("s" + std::to_string(100 + i) + ".dat", columns(i));
  process::LineBuffer lines;
  while (const auto chunk = child_->read(process::Seconds(60))) {
    if (chunk->channel == process::Channel::error)
      said_ += chunk->bytes;
    else
      lines.add(chunk->bytes);
  }
  EXPECT_EQ(child_->wait(process::Seconds(20)).status, 74);
  while (const auto text = lines.next()) printed += all<Measurement>(*text).size();
  const auto again = run({"twin-acquire", "--into", "small/run.nxs", "--since", "0"});
  ::umount(path("small").c_str());
  EXPECT_GT(printed, 2U);
  EXPECT_THAT(all<Measurement>(again.out), SizeIs(testing::Ge(printed)));
  EXPECT_THAT(said_, HasSubstr("No space left"));
}

TEST_F(TwinAcquireWatch, AFolderThatIsNotThereIsNoInput) {
  const auto said = run({"twin-acquire", "--watch", "nowhere", "--until-idle", "1"});
  EXPECT_EQ(said.status, 66);
  EXPECT_THAT(said.error, HasSubstr("nowhere: no such folder"));
}

TEST_F(TwinAcquireWatch, HostileNamesReachNoTerminal) {
  const std::string name = "a\033[2J\nb.dat";
  add(name, columns());
  add("--into.dat", columns(2));
  const auto said = run({"twin-acquire", "--watch", "spool", "--until-idle", "0.5"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(all<Measurement>(said.out), SizeIs(2));
}

}  // namespace

}  // namespace acquire_watch_test
