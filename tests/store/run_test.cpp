// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <random>
#include <set>

#include "core/file.h"
#include "stream/codec.h"
#include "stream/json.h"
#include "support.h"

namespace twin::store::run_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Run, WhatWasAppendedComesBack) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/run.nxs";
  store::Run run = store::Run::open(path);
  const auto first = run.append(measurement("a", 1));
  record::Event event;
  event.what = "onset";
  const auto second = run.append(event);
  run.sync();
  EXPECT_EQ(first.sequence, 1);
  EXPECT_EQ(first.id.size(), 32u);
  EXPECT_EQ(second.sequence, 2);
  std::vector<std::string> lines;
  run.replay(0, [&](std::int64_t, const std::string& line) { lines.push_back(line); });
  ASSERT_EQ(lines.size(), 2u);
  const auto back = stream::decode(stream::parse_json(lines[0], "x"));
  const auto& scan = std::get<record::Measurement>(back);
  EXPECT_EQ(scan.header.id, first.id);
  EXPECT_EQ(scan.arrays.at("mutrans").data, measurement("a", 1).arrays.at("mutrans").data);
  EXPECT_THAT(sequences(run, 1), ElementsAre(2));
  EXPECT_EQ(run.last_sequence(), 2);
}

TEST(Run, ARecordIsStoredOnceAlsoAfterReopening) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/run.nxs";
  record::Event event;
  event.what = "onset";
  event.text = "one";
  auto other = event;
  other.text = "two";
  {
    store::Run run = store::Run::open(path);
    EXPECT_FALSE(run.append(event).duplicate);
    EXPECT_TRUE(run.append(event).duplicate);
    run.sync();
  }
  store::Run run = store::Run::open(path);
  EXPECT_TRUE(run.append(event).duplicate);
  EXPECT_FALSE(run.append(other).duplicate);
}

TEST(Run, TheSameScanIsStoredOnceEqualBytesOfAnotherStay) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/run.nxs";
  const auto scan = measurement("dark_1", 1);
  auto renamed = scan, labelled = scan, changed = scan;
  renamed.context.scan = "dark_2";
  labelled.context.synthetic = "repeat 2, noise added";
  changed.source_sha256.back() = 'b';
  {
    store::Run run = store::Run::open(path);
    EXPECT_FALSE(run.append(scan).duplicate);
    const auto again = run.append(scan);
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.sequence, 1);
    EXPECT_FALSE(run.append(renamed).duplicate);
    EXPECT_FALSE(run.append(labelled).duplicate);
    EXPECT_FALSE(run.append(changed).duplicate);
    EXPECT_THAT(sequences(run), ElementsAre(1, 2, 3, 4));
  }
  store::Run run = store::Run::open(path);  // another day
  EXPECT_TRUE(run.append(scan).duplicate);
  EXPECT_TRUE(run.append(changed).duplicate);
  EXPECT_EQ(run.append(measurement("new", 2)).sequence, 5);
}

/// Which it was, and which is the newest of a file's scan, is the same after another opening.
TEST(Run, RevisionsAndWhatGoesBack) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/run.nxs";
  const auto state = [](int bytes) {
    auto scan = measurement("a", bytes);
    scan.source_file = "a.dat";
    return scan;
  };
  const auto earlier_sequence = [](store::Run& run, const record::Measurement& scan) {
    const auto before = run.earlier(scan);
    return before ? before->id : "none";
  };
  std::string newest = "none";
  std::int64_t sequence = 0;
  for (const bool opened_anew : {false, true}) {
    std::optional<store::Run> run(store::Run::open(path));
    for (const int bytes : {1, 2, 1, 2, 3, 1}) {
      const auto scan = state(bytes);
      EXPECT_EQ(earlier_sequence(*run, scan), newest);
      const auto accepted = run->append(scan);
      EXPECT_EQ(accepted.duplicate, opened_anew && sequence == 6 && bytes == 1) << sequence;
      sequence += accepted.duplicate ? 0 : 1;
      EXPECT_EQ(accepted.sequence, sequence);
      newest = accepted.id;
      EXPECT_TRUE(run->append(scan).duplicate);
      EXPECT_EQ(run->append(scan).sequence, sequence);
      if (opened_anew) {
        run.reset();
        run.emplace(store::Run::open(path));
      }
    }
  }
  auto other = state(1);
  other.source_file = "b/a.dat";
  store::Run run = store::Run::open(path);
  EXPECT_FALSE(run.earlier(other));
}

TEST(Run, OneWriterManyReaders) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/run.nxs";
  store::Run writer = store::Run::open(path);
  writer.append(measurement("a", 1));
  EXPECT_THAT(message_of([&] { store::Run::open(path); }, Cause::try_again),
              HasSubstr("another program"));
  store::Run reader = store::Run::read(path);
  EXPECT_THAT(sequences(reader), ElementsAre(1));
  writer.append(measurement("b", 2));
  EXPECT_THAT(sequences(reader, 1), ElementsAre(2));  // the cursor goes on
  EXPECT_THAT(message_of([&] { reader.publish(); }, Cause::usage), HasSubstr("for reading"));
}

TEST(Run, ListSaysWhatThereIs) {
  const TemporaryFolder folder("store");
  store::Run run = store::Run::open(folder.path() + "/run.nxs");
  auto scan = measurement("cold_1", 1, 7);
  scan.context.period = "cold";
  scan.header.time = "2026-01-02T03:04:05.000Z";
  run.append(scan);
  const auto rows = run.list();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind, "measurement");
  EXPECT_EQ(rows[0].scan, "cold_1");
  EXPECT_EQ(rows[0].period, "cold");
  EXPECT_EQ(rows[0].time, "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(rows[0].points, 7u);
}

TEST(Run, AFileOfSomebodyElseIsNotTouched) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/precious.nxs";
  create_file(path, "years of work");
  EXPECT_THAT(message_of([&] { store::Run::open(path); }, Cause::cannot_create),
              HasSubstr("without a journal"));
  EXPECT_EQ(read_file(path), "years of work");
  EXPECT_THAT(message_of([&] { store::Run::read(folder.path() + "/none.nxs"); }, Cause::no_input),
              HasSubstr("No such file"));
}

/// Appends, syncs and only then reports each scan, until it is killed.
[[noreturn]] void write_until_killed(const std::string& path, int report, int from) {
  try {
    store::Run run = store::Run::open(path);
    for (int i = from;; ++i) {
      const auto accepted = run.append(measurement("scan " + std::to_string(i), i, 200));
      run.sync();
      const std::int64_t done = accepted.sequence;
      if (::write(report, &done, sizeof done) != sizeof done) break;
      if (i % 16 == 0) run.publish();
    }
  } catch (...) {
  }
  ::_exit(1);
}

TEST(Run, KilledAtAnyMomentItLosesNothingItReported) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/run.nxs";
  std::mt19937 random(20260102);
  std::uniform_int_distribution<useconds_t> moment(500, 40000);
  std::int64_t reported = 0;
  for (int round = 0; round < 30; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(path, ends[1], 1000 * round);
    }
    ::close(ends[1]);
    // Every other round it has stored something before the clock starts, however slow the machine
    // is.
    std::int64_t first = 0;
    if (round % 2 == 0 && ::read(ends[0], &first, sizeof first) == sizeof first)
      reported = std::max(reported, first);
    ::usleep(moment(random));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (std::int64_t sequence = 0; ::read(ends[0], &sequence, sizeof sequence) == sizeof sequence;)
      reported = std::max(reported, sequence);
    ::close(ends[0]);
    store::Run run = store::Run::open(path);
    EXPECT_TRUE(run.warnings().empty());
    const auto there = sequences(run);
    ASSERT_GE(there.size(), static_cast<std::size_t>(reported));
    for (std::size_t i = 0; i < there.size(); ++i)
      ASSERT_EQ(there[i], static_cast<std::int64_t>(i) + 1);
    std::set<std::string> scans;
    for (const auto& row : run.list()) EXPECT_TRUE(scans.insert(row.scan).second) << row.scan;
  }
  EXPECT_GE(reported, 15);
  store::Run run = store::Run::open(path);
  run.publish();
}

}  // namespace
}  // namespace twin::store::run_test
