// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "stream/reader.h"
#include "stream/samples.h"

namespace twin::stream::writer_test {
namespace {

using testing::HasSubstr;

class WriterTest : public testing::Test {
 protected:
  void SetUp() override { setenv("SOURCE_DATE_EPOCH", "1700000000", 1); }
  void TearDown() override { unsetenv("SOURCE_DATE_EPOCH"); }

  std::string written(Format format, std::vector<std::string> columns,
                      const std::function<void(Writer&)>& use,
                      std::vector<std::string> expected = {}) {
    const int descriptor = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    Writer writer(descriptor, format, std::move(columns), std::move(expected));
    use(writer);
    close(descriptor);
    return read_file(path_);
  }

  static Cause cause_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.cause();
    }
    return Cause{0};
  }

  static record::Result result() {
    auto out = std::get<record::Result>(full_records()[2]);
    out.header = {};
    return out;
  }

  TemporaryFolder folder_{"twin-test-"};
  std::string path_ = folder_.path() + "/out";
};

TEST_F(WriterTest, FillsInIdByAndTimeAndCounts) {
  std::string start_id, result_id;
  (void)written(Format::jsonl, {}, [&](Writer& writer) {
    start_id = writer.write(record::Start{});
    result_id = writer.write(result());
    writer.write(record::Failure{});
    writer.write(full_records()[5]);  // of another program
    writer.end(2);
    EXPECT_EQ(writer.count(), 2);
    EXPECT_EQ(writer.failures(), 1);
  });
  Reader reader({path_});
  std::vector<record::Record> back;
  while (auto item = reader.next()) back.push_back(item->record);
  ASSERT_EQ(back.size(), 5u);
  EXPECT_EQ(record::header_of(back[0]).id, start_id);
  EXPECT_EQ(record::header_of(back[1]).id, result_id);
  EXPECT_EQ(record::header_of(back[1]).by, start_id);
  EXPECT_EQ(record::header_of(back[1]).time, "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(record::header_of(back[3]).by, std::string(32, '2'));
  const auto& end = std::get<record::End>(back[4]);
  EXPECT_EQ(end.header.by, start_id);
  EXPECT_EQ(end.count, 2);
  EXPECT_EQ(end.failures, 1);
  EXPECT_THAT(reader.trouble().value_or(""), HasSubstr("status 2"));
}

TEST_F(WriterTest, TheSameContentHasTheSameId) {
  const auto ids = [&](const char* epoch) {
    setenv("SOURCE_DATE_EPOCH", epoch, 1);
    std::vector<std::string> out;
    (void)written(Format::jsonl, {}, [&](Writer& writer) {
      out.push_back(writer.write(record::Start{}));
      out.push_back(writer.write(result()));
    });
    return out;
  };
  EXPECT_EQ(ids("1700000000"), ids("1800000000"));
}

TEST_F(WriterTest, OrderIsKept) {
  (void)written(Format::jsonl, {}, [&](Writer& writer) {
    EXPECT_EQ(cause_of([&] { writer.write(result()); }), Cause::internal);
    writer.write(record::Start{});
    EXPECT_EQ(cause_of([&] { writer.write(record::Start{}); }), Cause::internal);
    writer.end(0);
    EXPECT_EQ(cause_of([&] { writer.write(result()); }), Cause::internal);
  });
}

TEST_F(WriterTest, AClosedPipeAndAFullDiskAreDifferent) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  Writer to_nobody(ends[1], Format::jsonl, {});
  EXPECT_EQ(cause_of([&] { to_nobody.write(record::Start{}); }), Cause::closed_pipe);
  close(ends[1]);
  std::signal(SIGPIPE, SIG_DFL);
  const int full = open("/dev/full", O_WRONLY);
  if (full < 0) GTEST_SKIP() << "skipped: no /dev/full";
  Writer to_full(full, Format::jsonl, {});
  EXPECT_EQ(cause_of([&] { to_full.write(record::Start{}); }), Cause::output);
  close(full);
}

TEST_F(WriterTest, TableIsForPeople) {
  const std::string text = written(
      Format::table, {"time", "scan", "r:Cu-Cu.1", "n:Cu-Cu.1", "temperature"}, [](Writer& writer) {
        writer.write(record::Start{});
        auto row = result();
        row.quantities["r:Cu-Cu.1"].sigma_sys = {};
        row.context.environment["temperature"].sigma_sys = {};
        writer.write(row);
        writer.write(record::Heartbeat{});
        writer.end(0);
      });
  EXPECT_EQ(text,
            "time                      scan          r:Cu-Cu.1     n:Cu-Cu.1     temperature\n"
            "2023-11-14T22:13:20.000Z  0412          2.5431(22)    -             295(3)\n");
}

TEST_F(WriterTest, TsvIsForMachines) {
  const std::string text =
      written(Format::tsv, {"scan", "r:Cu-Cu.1", "verdict", "chi2"}, [](Writer& writer) {
        writer.write(record::Start{});
        auto row = result();
        row.context.scan = "a\tb\n";
        writer.write(row);
        auto verdict = std::get<record::Verdict>(full_records()[5]);
        writer.write(verdict);
      });
  EXPECT_EQ(text,
            "scan\tr:Cu-Cu.1\tr:Cu-Cu.1.sigma\tr:Cu-Cu.1.sigma_sys\tverdict\tchi2\n"
            "a\\x09b\\x0a\t2.5431\t0.0022\t0.0044\t\t\n"
            "0412\t2.543\t0.0022\t\tNO MATCH\t41.5\n");
}

// What a writer takes, a reader takes: a line of 16 MiB, a YAML document of 1.
TEST_F(WriterTest, WhatNoReaderTakesIsRefused) {
  const auto long_record = [](std::size_t points) {
    record::Measurement out;
    out.technique = "xas";
    out.arrays["mu"].data.assign(points, 0.125);
    return out;
  };
  (void)written(Format::jsonl, {}, [&](Writer& writer) {
    writer.write(record::Start{});
    writer.write(long_record(400'000));
    EXPECT_EQ(cause_of([&] { writer.write(long_record(4'000'000)); }), Cause::data);
    EXPECT_EQ(writer.count(), 1);
    writer.end(0);
  });
  Reader reader({path_});
  int count = 0;
  while (reader.next()) ++count;
  EXPECT_EQ(count, 3);
  (void)written(Format::yaml, {}, [&](Writer& writer) {
    writer.write(record::Start{});
    EXPECT_EQ(cause_of([&] { writer.write(long_record(400'000)); }), Cause::data);
  });
}

TEST_F(WriterTest, ExpectedColumnsStandBesideWhatTheFirstResultHas) {
  const auto text = written(Format::tsv, {},
                            [](Writer& writer) {
                              writer.write(record::Start{});
                              auto row = result();
                              row.quantities = {{"e0", row.quantities.at("r:Cu-Cu.1")}};
                              writer.write(row);
                            },
                            {"scan", "r:later"});
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "scan\tr:later\tr:later.sigma\tr:later.sigma_sys\ttime\te0\te0.sigma\te0.sigma_sys");
}

TEST_F(WriterTest, YamlReadsBack) {
  (void)written(Format::yaml, {}, [](Writer& writer) {
    writer.write(record::Start{});
    for (const auto& record : full_records()) writer.write(record);
    writer.end(0);
  });
  Reader reader({path_});
  std::size_t count = 0;
  while (reader.next()) ++count;
  EXPECT_EQ(count, full_records().size() + 2);
}

}  // namespace
}  // namespace twin::stream::writer_test
