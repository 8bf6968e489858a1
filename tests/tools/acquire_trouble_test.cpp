// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire when the clock is set, a journal is torn, the disk is full, or two write one run.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "core/text.h"
#include "places.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_trouble_test {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

namespace {

class TwinAcquireTrouble : public Tools {
 protected:
  std::vector<record::Measurement> stored() {
    return all<record::Measurement>(run({"twin-acquire", "--into", "run.nxs", "--since", "0"}).out);
  }
  Words names() {
    Words out;
    for (const auto& m : stored())
      out.push_back(m.context.scan + (m.revision > 0 ? "/" + std::to_string(m.revision) : ""));
    return out;
  }
};

// Ten days ahead, then two hours behind: the order is that in which files came, none is missed or
// taken twice, waiting goes by another clock, and what is written anew is another revision though
// its time is earlier.
TEST_F(TwinAcquireTrouble, TheClockIsSet) {
  std::filesystem::create_directory(path("spool"));
  for (const auto* name : {"a", "b", "c", "d"}) put(std::string(name) + ".dat", columns(name[0]));
  put("b.new", columns(100));
  put("shift", "0");
  const auto said =
      bash("LD_PRELOAD=" + tools_dir() + "/../tests/show/show_shifted_clock.so CLOCK_SHIFT=shift " +
           "ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \\\n"
           "  twin-acquire --watch spool --into run.nxs --until-idle 4 > printed &\n"
           "come() { until [ $(grep -c '\"kind\":\"measurement\"' printed) -ge $1 ]; do sleep "
           "0.02; done; }\n"
           "until [ -s printed ]; do sleep 0.02; done\n"
           "cp a.dat spool; come 1\n"
           "echo 864000 > shift.new; mv shift.new shift; cp b.dat spool; come 2\n"
           "echo -7200 > shift.new; mv shift.new shift; cp c.dat spool; come 3\n"
           "touch -d '2 hours ago' b.new; mv b.new spool/b.dat; come 4\n"
           "echo 0 > shift.new; mv shift.new shift; cp d.dat spool\n"
           "wait $!");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(names(), ElementsAre("a", "b", "c", "b/1", "d"));
  EXPECT_THAT(all<record::Measurement>(get("printed")), SizeIs(5));
  const auto there = stored();
  // Each has the time that the clock then showed: told as it was, it orders nothing.
  EXPECT_LT(there[0].header.time, there[1].header.time);
  EXPECT_LT(there[2].header.time, there[0].header.time);
  EXPECT_THAT(there[3].header.from, ElementsAre(there[1].header.id));
  // The next one looks at all of them, and knows them.
  const auto again =
      run({"twin-acquire", "--watch", "spool", "--into", "run.nxs", "--until-idle", "0.3"});
  EXPECT_EQ(again.status, 0) << again.error;
  EXPECT_THAT(all<record::Measurement>(again.out), SizeIs(0));
  EXPECT_THAT(names(), SizeIs(5));
}

TEST_F(TwinAcquireTrouble, ATornJournalGoesOnBehindWhatIsWhole) {
  for (int i = 0; i < 4; ++i) put("s" + std::to_string(i) + ".dat", columns(i));
  ASSERT_EQ(run({"twin-acquire", "--into", "run.nxs", "s0.dat", "s1.dat", "s2.dat"}).status, 0);
  const auto journal = get("run.nxs.journal");
  std::filesystem::remove(path("run.nxs"));
  put("run.nxs.journal", journal.substr(0, journal.size() - 100));
  // Who reads repairs nothing, and stops before it.
  EXPECT_THAT(names(), ElementsAre("s0", "s1"));
  EXPECT_EQ(get("run.nxs.journal").size(), journal.size() - 100);
  const auto said = run({"twin-acquire", "--into", "run.nxs", "s0.dat", "s2.dat", "s3.dat"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("run.nxs: recovered; a torn tail of "));
  EXPECT_THAT(all<record::Measurement>(said.out), SizeIs(2));
  EXPECT_THAT(names(), ElementsAre("s0", "s1", "s2", "s3"));
}

// A line that was damaged later is no torn tail: it stays for people to look at.
TEST_F(TwinAcquireTrouble, ADamagedJournalIsTold) {
  for (int i = 0; i < 4; ++i) put("s" + std::to_string(i) + ".dat", columns(i));
  ASSERT_EQ(run({"twin-acquire", "--into", "run.nxs", "s0.dat", "s1.dat", "s2.dat"}).status, 0);
  auto journal = get("run.nxs.journal");
  journal[journal.size() / 2] = '?';
  put("run.nxs.journal", journal);
  std::filesystem::remove(path("run.nxs"));
  const auto said = run({"twin-acquire", "--into", "run.nxs", "s3.dat"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("run.nxs.journal: byte "));
  EXPECT_THAT(said.error, HasSubstr("checksum does not agree"));
  EXPECT_THAT(names(), ElementsAre("s0", "s2", "s3"));
  for (const Words& reads : {Words{"--list"}, Words{"--since", "3"}}) {
    Words argv{"twin-acquire", "--into", "run.nxs"};
    argv.insert(argv.end(), reads.begin(), reads.end());
    EXPECT_THAT(run(argv).error, HasSubstr("checksum does not agree"));
  }
  EXPECT_EQ(get("run.nxs.journal").substr(0, journal.size()), journal);
  put("run.nxs.journal", "something else\n");
  std::filesystem::remove(path("run.nxs"));
  const auto foreign = run({"twin-acquire", "--into", "run.nxs", "s3.dat"});
  EXPECT_EQ(foreign.status, 65);
  EXPECT_THAT(foreign.error, HasSubstr("run.nxs.journal:1: not a journal"));
  EXPECT_EQ(get("run.nxs.journal"), "something else\n");
}

// A limit on the size of files stands for a full disk, and needs no rights.
TEST_F(TwinAcquireTrouble, WhatWasPrintedBeforeTheDiskWasFullIsThere) {
  std::string files;
  for (int i = 0; i < 30; ++i) {
    files += " s" + std::to_string(i) + ".dat";
    put("s" + std::to_string(i) + ".dat", columns(i));
  }
  const auto said = bash("trap '' XFSZ; ulimit -f 40; twin-acquire --into run.nxs" + files);
  EXPECT_EQ(said.status, 74) << said.error;
  EXPECT_THAT(said.error, HasSubstr("run.nxs.journal: writing: "));
  const auto printed = all<record::Measurement>(said.out).size(), there = names().size();
  EXPECT_GT(there, 1U);
  EXPECT_THAT(printed, Le(there));
  // When there is room again it goes on.
  EXPECT_EQ(bash("twin-acquire --quiet --into run.nxs" + files).status, 0);
  EXPECT_THAT(names(), SizeIs(30));
}

TEST_F(TwinAcquireTrouble, OfTwoWritersTheSecondIsToldAndDisturbsNothing) {
  std::filesystem::create_directory(path("spool"));
  for (int i = 0; i < 20; ++i) put("s" + std::to_string(i) + ".dat", columns(i));
  const auto said = bash(
      "twin-acquire --quiet --watch spool --into run.nxs --until-idle 20 > first & first=$!\n"
      "until [ -e run.nxs.journal ]; do sleep 0.02; done\n"
      "for i in $(seq 0 19); do\n"
      "  cp s$i.dat spool\n"
      "  [ $((i % 5)) -ne 4 ] || { twin-acquire --into run.nxs s$i.dat > second; echo $? >> "
      "statuses; }\n"
      "done\n"
      "wait $first");
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(get("statuses"), "75\n75\n75\n75\n");
  EXPECT_THAT(said.error,
              HasSubstr("run.nxs.journal: another program writes this run; later may work"));
  EXPECT_THAT(all<record::Measurement>(get("first")), SizeIs(20));
  EXPECT_THAT(names(), SizeIs(20));
}

}  // namespace

}  // namespace acquire_trouble_test
