// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "support.h"

namespace twin::store::journal_test {
namespace {

using testing::HasSubstr;

const std::string header(journal_header);

struct Scan : JournalScan {
  std::vector<std::int64_t> sequences;
};

Scan scan(const std::string& bytes) {
  std::istringstream in(bytes);
  Scan out;
  static_cast<JournalScan&>(out) =
      scan_journal(in, "run.nxs.journal", 0, 0, [&](const auto& entry, auto) {
        out.sequences.push_back(entry.sequence);
        return true;
      });
  return out;
}

/// The line of record 1 with the payload `{}`, whose CRC-32C over `1 {}` was computed bit by bit
/// from the polynomial 0x1EDC6F41 by a program of its own.
TEST(Journal, LineHasSequenceChecksumPayload) {
  const std::string line = journal_line(1, "{}");
  EXPECT_EQ(line.substr(0, 2), "1 ");
  EXPECT_EQ(line.substr(10), " {}\n");
  EXPECT_EQ(line.substr(2, 8), "923d18a5");
  EXPECT_NE(journal_line(2, "{}").substr(2, 8), line.substr(2, 8));  // it covers the sequence
}

TEST(Journal, WhatWasAppendedIsRead) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  {
    Journal journal(path, Journal::Mode::write);
    EXPECT_EQ(journal.append("{\"a\":1}"), 1);
    EXPECT_EQ(journal.append("{\"a\":\"ä\"}"), 2);
    journal.sync();
    EXPECT_EQ(journal.json(1), "{\"a\":1}");
  }
  const Journal again(path, Journal::Mode::read);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again.json(2), "{\"a\":\"ä\"}");
  EXPECT_EQ(again.recovered_bytes(), 0u);
}

TEST(Journal, ATornTailAtEveryByteOfTheLastTwoRecords) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  const std::string one = header + journal_line(1, "{\"first\":1}");
  const std::string two = one + journal_line(2, "{\"second\":2}");
  const std::string three = two + journal_line(3, "{\"third\":3}");
  for (std::size_t size = one.size(); size <= three.size(); ++size) {
    ::unlink(path.c_str());
    create_file(path, three.substr(0, size));
    Journal journal(path, Journal::Mode::write);
    const std::size_t whole = size == three.size() ? 3 : size >= two.size() ? 2 : 1;
    const std::size_t kept = whole == 3 ? three.size() : whole == 2 ? two.size() : one.size();
    ASSERT_EQ(journal.size(), whole) << size;
    EXPECT_EQ(journal.recovered_bytes(), size - kept) << size;
    EXPECT_TRUE(journal.warnings().empty());
    EXPECT_EQ(journal.append("{}"), static_cast<std::int64_t>(whole) + 1);
    EXPECT_EQ(read_file(path),
              three.substr(0, kept) + journal_line(static_cast<std::int64_t>(whole) + 1, "{}"));
  }
}

TEST(Journal, AHeaderThatIsCutAtEveryByte) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  for (std::size_t size = 0; size < header.size(); ++size) {
    ::unlink(path.c_str());
    create_file(path, header.substr(0, size));
    Journal(path, Journal::Mode::write).append("{}");
    EXPECT_EQ(read_file(path), header + journal_line(1, "{}")) << size;
  }
}

TEST(Journal, ReadingRepairsNothing) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  const std::string torn = header + journal_line(1, "{}") + "2 0123";
  create_file(path, torn);
  const Journal journal(path, Journal::Mode::read);
  EXPECT_EQ(journal.size(), 1u);
  EXPECT_EQ(read_file(path), torn);
}

TEST(Journal, EveryFlippedByteInTheMiddleLosesThatRecordOnly) {
  const std::string first = journal_line(1, "{\"first\":1}"), second = journal_line(2, "{\"b\":2}");
  const std::string bytes = header + first + second + journal_line(3, "{\"third\":3}");
  for (std::size_t at = header.size() + first.size();
       at < header.size() + first.size() + second.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x04);
    const auto found = scan(flipped);
    EXPECT_EQ(found.whole, bytes.size()) << at;  // nothing behind it is cut
    EXPECT_FALSE(found.warnings.empty()) << at;
    const bool line_end = at == header.size() + first.size() + second.size() - 1;
    ASSERT_EQ(found.sequences.size(), line_end ? 1u : 2u)
        << at;  // without its end it swallows the next
    EXPECT_EQ(found.sequences.front(), 1);
    EXPECT_EQ(found.sequences.back(), line_end ? 1 : 3);
  }
}

TEST(Journal, ACorruptMiddleIsKeptInTheFile) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  std::string bytes = header + journal_line(1, "{\"a\":1}") + journal_line(2, "{\"a\":2}") +
                      journal_line(3, "{\"a\":3}");
  bytes[header.size() + journal_line(1, "{\"a\":1}").size() + 12] = '?';
  create_file(path, bytes);
  Journal journal(path, Journal::Mode::write);
  EXPECT_EQ(journal.size(), 2u);
  EXPECT_EQ(journal.recovered_bytes(), 0u);
  ASSERT_EQ(journal.warnings().size(), 1u);
  EXPECT_THAT(journal.warnings()[0], HasSubstr("checksum"));
  EXPECT_EQ(journal.append("{}"), 4);
  EXPECT_EQ(read_file(path), bytes + journal_line(4, "{}"));
}

TEST(Journal, ARepeatedSequenceIsReportedAndNotCut) {
  const std::string bytes =
      header + journal_line(1, "{}") + journal_line(2, "{}") + journal_line(2, "{}");
  const auto found = scan(bytes);
  EXPECT_EQ(found.sequences.size(), 2u);
  EXPECT_EQ(found.whole, bytes.size());
  ASSERT_EQ(found.warnings.size(), 1u);
  EXPECT_THAT(found.warnings[0], HasSubstr("sequence 2 after 2"));
}

TEST(Journal, ForeignFilesAreRefused) {
  for (const std::string bytes :
       {"some text\nof mine\n", "some text", "\n", "twinline-journal 2\n"})
    EXPECT_THAT(message_of([&] { (void)scan(bytes); }, Cause::data), HasSubstr("journal")) << bytes;
  EXPECT_TRUE(scan("").sequences.empty());
}

TEST(Journal, OneWriterAtATime) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  Journal first(path, Journal::Mode::write);
  EXPECT_THAT(message_of([&] { Journal second(path, Journal::Mode::write); }, Cause::try_again),
              HasSubstr("another program writes this run"));
  first.append("{}");
  Journal reader(path, Journal::Mode::read);  // readers need no lock
  EXPECT_EQ(reader.size(), 1u);
  first.append("{}");
  reader.refresh();
  EXPECT_EQ(reader.size(), 2u);
}

TEST(Journal, PlacesThatCantBeWritten) {
  EXPECT_THAT(message_of([] { Journal("/nonexistent/folder/j", Journal::Mode::write); },
                         Cause::cannot_create),
              HasSubstr("No such file"));
  EXPECT_THAT(
      message_of([] { Journal("/nonexistent/folder/j", Journal::Mode::read); }, Cause::no_input),
      HasSubstr("No such file"));
}

/// A limit on file size stands for a full disk: write() is short, then fails.
TEST(Journal, AFullDiskLeavesWholeRecordsOnly) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200, 200};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    Journal journal(path, Journal::Mode::write);
    try {
      for (int i = 0; i < 100; ++i) journal.append("{\"text\":\"twenty bytes or so\"}");
    } catch (const Error& error) {
      struct stat status {};
      const bool cut = ::stat(path.c_str(), &status) == 0 && status.st_size < 200;
      journal.sync();
      ::_exit(error.cause() == Cause::output && cut && journal.size() == 4 ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  Journal again(path, Journal::Mode::write);
  EXPECT_EQ(again.recovered_bytes(), 0u);
  EXPECT_EQ(again.size(), 4u);  // 19 + 4 × (11 + 29 + 1) = 183 bytes
}

/// Places are remembered each 64 kB; one record may be longer, many may lie between two.
TEST(Journal, AnyRecordIsFoundAmongMany) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  const auto text = [](std::int64_t i) {
    return "{\"n\":\"" + std::string(i % 97 == 0 ? 100000 : static_cast<std::size_t>(i % 50), 'x') +
           "\"}";
  };
  constexpr std::int64_t count = 5000;
  Journal writer(path, Journal::Mode::write);
  const Journal early(path, Journal::Mode::read);
  for (std::int64_t i = 1; i <= count; ++i) writer.append(text(i));
  const Journal reader(path, Journal::Mode::read);
  for (const Journal* journal : {&std::as_const(writer), &reader}) {
    EXPECT_EQ(journal->size(), static_cast<std::size_t>(count));
    for (std::int64_t i = 1; i <= count; i += 7) ASSERT_EQ(journal->json(i), text(i)) << i;
    for (const std::int64_t since : {-1, 0, 1, 96, 97, 4999}) {
      std::int64_t next = std::max<std::int64_t>(since, 0);
      journal->visit(since, [&](std::int64_t sequence, const std::string& json) {
        EXPECT_EQ(sequence, ++next);
        return json == text(sequence);
      });
      EXPECT_EQ(next, count) << since;
    }
    journal->visit(count, [](auto, const auto&) { return ADD_FAILURE(), false; });
    EXPECT_THAT(message_of([&] { (void)journal->json(count + 1); }, Cause::no_input),
                HasSubstr("record 5001 is not there"));
  }
  early.visit(-1, [](auto, const auto&) { return ADD_FAILURE(), false; });  // not taken in yet
}

/// A cut behind the reader's back: nothing else is handed out instead.
TEST(Journal, WhatIsGoneIsSaid) {
  const TemporaryFolder folder("store");
  const std::string path = folder.path() + "/j";
  Journal journal(path, Journal::Mode::write);
  journal.append("{\"a\":1}");
  journal.append("{\"a\":2}");
  ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(header.size() + 8)), 0);
  EXPECT_THAT(message_of([&] { (void)journal.json(1); }, Cause::no_input), HasSubstr("any more"));
}

TEST(Journal, WhatIsAppendedWhileItIsVisitedIsVisited) {
  const TemporaryFolder folder("store");
  Journal journal(folder.path() + "/j", Journal::Mode::write);
  journal.append("{}");
  std::int64_t last = 0;
  journal.visit(0, [&](std::int64_t sequence, const std::string&) {
    last = sequence;
    if (sequence < 5) journal.append("{}");
    return true;
  });
  EXPECT_EQ(last, 5);
}

TEST(Journal, RecordsOfSeveralLinesAndTooLongOnesAreRefused) {
  const TemporaryFolder folder("store");
  Journal journal(folder.path() + "/j", Journal::Mode::write);
  EXPECT_THAT(message_of([&] { journal.append("{\n}"); }, Cause::data), HasSubstr("one line"));
  EXPECT_THAT(
      message_of([&] { journal.append(std::string(longest_record + 1, 'x')); }, Cause::data),
      HasSubstr("64 MiB"));
  EXPECT_EQ(journal.append("{}"), 1);
}

}  // namespace
}  // namespace twin::store::journal_test
