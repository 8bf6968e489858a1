// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --prune: what is there twice, and that it is there afterwards.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "core/text.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_prune_test {
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

namespace {

class TwinAcquirePrune : public Tools {
 protected:
  /// A run of scans and results, published as it ends.
  void make_run(int scans = 5) {
    Words argv{"twin-acquire", "--into", "run.nxs", "--context", "temperature=295±3 K"};
    for (int i = 0; i < scans; ++i) {
      argv.push_back("s" + std::to_string(i) + ".dat");
      put(argv.back(), columns(i));
    }
    ASSERT_EQ(run(argv).status, 0);
    const auto results =
        whole_stream(line(result("cold", 2.55, 0.01)) + line(result("warm", 2.6, 0.02)));
    ASSERT_EQ(run({"twin-acquire", "--into", "run.nxs", "-"}, results).status, 0);
  }
  Said prune(Words more = {}) {
    Words argv{"twin-acquire", "--into", "run.nxs", "--prune"};
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv);
  }
  std::string since_0() {
    std::string out;
    const auto all = run({"twin-acquire", "--into", "run.nxs", "--since", "0"}).out;
    for (const auto one : split(all, '\n'))
      if (!one.empty() && one.find("\"kind\":\"start\"") == one.npos &&
          one.find("\"kind\":\"end\"") == one.npos)
        out.append(one).append("\n");
    return out;
  }
};

TEST_F(TwinAcquirePrune, FirstItIsSaidThenDone) {
  make_run();
  const auto journal = get("run.nxs.journal");
  const auto said = prune();
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.out,
              StartsWith("file\tbytes\twhy\nrun.nxs.journal\t" + std::to_string(journal.size()) +
                         "\tall of its 10 records are in "));
  EXPECT_THAT(said.error, HasSubstr("--remove"));
  EXPECT_EQ(get("run.nxs.journal"), journal);
  const auto done = prune({"--remove"});
  EXPECT_EQ(done.status, 0) << done.error;
  EXPECT_EQ(done.out, said.out);
  EXPECT_FALSE(exists("run.nxs.journal"));
  const auto again = prune({"--remove"});
  EXPECT_EQ(again.status, 0) << again.error;
  EXPECT_EQ(again.out, "file\tbytes\twhy\n");
}

TEST_F(TwinAcquirePrune, APrunedRunIsTheSameRun) {
  make_run();
  const auto journal = get("run.nxs.journal"), lines = since_0();
  const auto list = run({"twin-acquire", "--into", "run.nxs", "--list"}).out;
  const auto id = all<record::Result>(lines).at(0).header.id;
  const auto trace = run({"twin-acquire", "--into", "run.nxs", "--trace", id});
  ASSERT_EQ(prune({"--remove"}).status, 0);
  EXPECT_EQ(since_0(), lines);
  EXPECT_EQ(run({"twin-acquire", "--into", "run.nxs", "--list"}).out, list);
  EXPECT_EQ(run({"twin-acquire", "--into", "run.nxs", "--trace", id}).out, trace.out);
  EXPECT_FALSE(exists("run.nxs.journal"));  // who reads needs none
  const auto published = get("run.nxs");
  EXPECT_EQ(run({"twin-acquire", "--into", "run.nxs", "--publish"}).status, 0);
  EXPECT_TRUE(get("run.nxs") == published);
  // Who writes has it again, with all that was known: what is there, and what is another state of
  // it.
  put("s1.dat", columns(77));
  put("new.dat", columns(78));
  const auto more = run({"twin-acquire", "--into", "run.nxs", "s0.dat", "s1.dat", "new.dat"});
  EXPECT_EQ(more.status, 0) << more.error;
  EXPECT_THAT(all<record::Event>(more.out), SizeIs(1));
  const auto scans = all<record::Measurement>(more.out);
  ASSERT_THAT(scans, SizeIs(2));
  EXPECT_EQ(scans[0].revision, 1);
  EXPECT_THAT(get("run.nxs.journal"), StartsWith(journal));
  EXPECT_EQ(prune().status, 0);
}

TEST_F(TwinAcquirePrune, WhatIsInTheJournalAloneStays) {
  make_run();
  const auto stays = [&](const std::string& why) {
    const auto journal = get("run.nxs.journal");
    const auto said = prune({"--remove"});
    EXPECT_EQ(said.status, 1) << why;
    EXPECT_THAT(said.error, HasSubstr("run.nxs.journal stays: "));
    EXPECT_THAT(said.error, HasSubstr(why));
    EXPECT_EQ(said.out, "file\tbytes\twhy\n");
    EXPECT_EQ(get("run.nxs.journal"), journal);
  };
  const auto published = get("run.nxs");
  std::filesystem::remove(path("run.nxs"));
  stays("not published");
  put("more.dat", columns(50));
  ASSERT_EQ(run({"twin-acquire", "--into", "run.nxs", "more.dat"}).status, 0);
  const auto whole = get("run.nxs");
  put("run.nxs", published);
  stays("up to record 10 of 12");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 20) {
    put("run.nxs", whole.substr(0, size));
    stays("--publish first");
  }
}

TEST_F(TwinAcquirePrune, ADamagedLineIsNowhereElse) {
  make_run();
  auto journal = get("run.nxs.journal");
  journal[journal.size() / 2] = '?';
  put("run.nxs.journal", journal);
  ASSERT_EQ(run({"twin-acquire", "--into", "run.nxs", "--publish"}).status, 0);
  const auto said = prune({"--remove"});
  EXPECT_EQ(said.status, 1);
  EXPECT_THAT(said.error, HasSubstr("damaged lines"));
  EXPECT_EQ(get("run.nxs.journal"), journal);
}

TEST_F(TwinAcquirePrune, AWriterIsNotDisturbed) {
  make_run();
  const auto said = bash(
      "mkfifo hold; twin-acquire --into run.nxs - < hold > /dev/null & exec 3> hold\n"
      "while flock -n run.nxs.journal true; do sleep 0.02; done\n"
      "twin-acquire --into run.nxs --prune --remove; status=$?\n"
      "exec 3>&-; wait; exit $status");
  EXPECT_EQ(said.status, 75) << said.error;
  EXPECT_TRUE(exists("run.nxs.journal"));
}

TEST_F(TwinAcquirePrune, OptionsThatMakeNoSense) {
  EXPECT_EQ(run({"twin-acquire", "--prune"}).status, 64);
  EXPECT_EQ(run({"twin-acquire", "--into", "run.nxs", "--remove"}).status, 64);
  EXPECT_EQ(run({"twin-acquire", "--into", "none.nxs", "--prune"}).status, 66);
  put("precious.nxs", "years of work");
  EXPECT_EQ(run({"twin-acquire", "--into", "precious.nxs", "--prune", "--remove"}).status, 66);
  EXPECT_EQ(get("precious.nxs"), "years of work");
}

TEST_F(TwinAcquirePrune, LeftoversGo) {
  make_run();
  put(".run.nxs.part", "half of it");
  const auto said = prune({"--remove"});
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.out, HasSubstr(".run.nxs.part\t10\tleft by"));
  EXPECT_FALSE(exists(".run.nxs.part"));
}

TEST_F(TwinAcquirePrune, WithoutRoomForTheJournalThePublishedFileStays) {
  make_run(20);
  const auto lines = since_0();
  ASSERT_EQ(prune({"--remove"}).status, 0);
  put("new.dat", columns(78));
  const auto said = bash("trap '' XFSZ; ulimit -f 40; twin-acquire --into run.nxs new.dat");
  EXPECT_EQ(said.status, 74) << said.error;
  EXPECT_FALSE(exists("run.nxs.journal"));
  EXPECT_FALSE(exists(".run.nxs.journal.part"));
  EXPECT_EQ(since_0(), lines);
}

/// Pruning and making the journal again, killed at any moment: the run is the same.
TEST_F(TwinAcquirePrune, KilledInBetweenItLosesNothing) {
  make_run(40);
  const auto lines = since_0();
  std::mt19937 random(11);
  std::uniform_int_distribution<int> moment(0, 60000);  // µs
  int pruned = 0, restored = 0;
  for (int round = 0; round < 40; ++round) {
    const bool removes = round % 2 == 0;
    Words argv{tools_dir() + "/twin-acquire", "--into", "run.nxs"};
    if (removes) argv.insert(argv.end(), {"--prune", "--remove"});
    {
      process::Child child({.argv = argv, .folder = path(""), .environment = environment()});
      if (removes || round % 4 == 1) child.close_input();
      ::usleep(static_cast<useconds_t>(moment(random)));
      ::kill(child.pid(), SIGKILL);
      (void)child.wait(process::Seconds(20));
    }
    (exists("run.nxs.journal") ? restored : pruned) += 1;
    if (round % 8 == 7) {
      ASSERT_EQ(since_0(), lines) << round;
    }
  }
  EXPECT_EQ(since_0(), lines);
  EXPECT_GT(restored, 0);
  const auto said = prune({"--remove"});
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(since_0(), lines);
}

}  // namespace

}  // namespace acquire_prune_test
