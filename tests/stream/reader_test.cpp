// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/reader.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "places.h"
#include "stream/codec.h"
#include "stream/json.h"
#include "stream/samples.h"
#include "stream/yaml.h"

namespace twin::stream::reader_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string beat = R"({"schema":"twin-stream/1","kind":"heartbeat","id":"x"})";

class ReaderTest : public testing::Test {
 protected:
  std::string file(const std::string& content) {
    const std::string path = folder_.path() + "/" + std::to_string(count_++);
    create_file(path, content);
    return path;
  }

  /// "record" or the message, for each call of next() until the end.
  static std::vector<std::string> all(Reader& reader) {
    std::vector<std::string> out;
    for (;;) {
      try {
        const auto item = reader.next();
        if (!item) return out;
        out.emplace_back(kind_of(item->record));
      } catch (const Error& error) {
        out.emplace_back(error.what());
      }
    }
  }

  std::vector<std::string> read(const std::string& content, std::size_t longest = 1u << 20) {
    Reader reader({file(content)}, longest);
    return all(reader);
  }

  TemporaryFolder folder_{"twin-test-"};
  int count_ = 0;
};

TEST_F(ReaderTest, ReadsJsonLinesAndYamlDocumentsAlike) {
  std::string lines, blocks;
  for (const auto& record : full_records()) {
    lines += dump_json(encode(record)) + "\n";
    blocks += "---\n" + dump_yaml(encode(record));
  }
  EXPECT_EQ(read(lines).size(), full_records().size());
  EXPECT_EQ(read(lines), read(blocks));
  EXPECT_EQ(read(lines + "\n\n"), read("\n# people's\n" + blocks + "...\n---\n"));
  EXPECT_EQ(read("\xEF\xBB\xBF" + lines), read(lines));
}

TEST_F(ReaderTest, ToleratesCarriageReturnsAndAMissingLastLineFeed) {
  EXPECT_THAT(read(beat + "\r\n" + beat), testing::ElementsAre("heartbeat", "heartbeat"));
  EXPECT_THAT(read("---\r\nschema: twin-stream/1\r\nkind: heartbeat\r\n"),
              testing::ElementsAre("heartbeat"));
}

TEST_F(ReaderTest, GoesOnAfterWhatIsWrong) {
  const auto seen = read(beat + "\n{\"kind\":\n" + beat + "\n{}\n" + beat + "\n");
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_THAT(seen[1], HasSubstr("/0:2: "));
  EXPECT_THAT(seen[3], HasSubstr("/0:4: schema: is missing"));
  EXPECT_EQ(seen[4], "heartbeat");
}

TEST_F(ReaderTest, GoesOnAfterAMissingFile) {
  Reader reader({folder_.path() + "/none", file(beat + "\n")});
  const auto seen = all(reader);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[0], HasSubstr("No such file"));
  EXPECT_EQ(seen[1], "heartbeat");
}

TEST_F(ReaderTest, LinesOverTheLimitAreSkipped) {
  const auto seen = read(beat + "\n{" + std::string(300'000, ' ') + "}\n" + beat + "\n", 1000);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_THAT(seen[1], HasSubstr(":2: longer than 1000 bytes"));
  EXPECT_EQ(seen[2], "heartbeat");
  const auto last = read("{" + std::string(300'000, ' '), 1000);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_THAT(last[0], HasSubstr("longer"));
}

TEST_F(ReaderTest, BinaryGarbageIsOneError) {
  std::string garbage;
  for (int i = 0; i < 100'000; ++i) garbage += static_cast<char>((i * 7919) >> 3);
  EXPECT_EQ(read("\x89HDF\r\n\x1a\n" + garbage).size(), 1u);
  EXPECT_EQ(read("\x89HDF\r\n\x1a\n" + garbage + garbage, 1000).size(), 1u);
  EXPECT_TRUE(read("").empty());
}

TEST_F(ReaderTest, ErrorsInYamlSayTheLineOfTheFile) {
  const auto seen =
      read("---\nschema: twin-stream/1\nkind: heartbeat\n---\nschema: twin-stream/1\nkind: [\n");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[1], HasSubstr("/0:"));
}

TEST_F(ReaderTest, AModelFileIsAStreamOfOneModel) {
  Reader reader({source_dir() + "/share/models/copper.yaml"});
  const auto item = reader.next();
  ASSERT_TRUE(item);
  EXPECT_EQ(std::get<record::ModelRecord>(item->record).model.name, "copper");
  EXPECT_FALSE(reader.next());
}

TEST_F(ReaderTest, ARecordIsHandedOutBeforeTheNextIsWritten) {
  const std::string path = folder_.path() + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  bool released = false;
  std::thread writer([&] {
    std::ofstream out(path);
    out << beat << "\n" << beat.substr(0, 10) << std::flush;
    // Goes on only when the first record has been seen, or after five seconds for the test's sake.
    pollfd waiting{told[0], POLLIN, 0};
    released = poll(&waiting, 1, 5000) == 1;
    out << beat.substr(10) << "\n";
  });
  Reader reader({path});
  EXPECT_TRUE(reader.next());
  EXPECT_EQ(::write(told[1], "x", 1), 1);
  EXPECT_TRUE(reader.next());
  EXPECT_FALSE(reader.next());
  writer.join();
  EXPECT_TRUE(released);
  close(told[0]);
  close(told[1]);
}

std::string start_line(const std::string& id, const std::string& tool) {
  return R"({"schema":"twin-stream/1","kind":"start","id":")" + id + R"(","tool":")" + tool +
         R"(","version":"1"})" + "\n";
}
std::string end_line(const std::string& by, int status) {
  return R"({"schema":"twin-stream/1","kind":"end","by":")" + by + R"(","status":)" +
         std::to_string(status) + "}\n";
}

TEST_F(ReaderTest, KnowsWhetherEveryWriterEnded) {
  const auto trouble = [&](const std::string& content) {
    Reader reader({file(content)});
    for (const auto& seen : all(reader))
      EXPECT_THAT(seen, testing::AnyOf("start", "end", "heartbeat"));
    return reader.trouble().value_or("");
  };
  const std::string acquire = start_line("a", "twin-acquire"),
                    extract = start_line("b", "twin-extract");
  EXPECT_EQ(trouble(acquire + beat + "\n" + extract + end_line("a", 0) + end_line("b", 0)), "");
  EXPECT_THAT(trouble(acquire + extract + end_line("b", 0)),
              HasSubstr("twin-acquire without an end"));
  EXPECT_THAT(trouble(acquire + extract + end_line("a", 2) + end_line("b", 0)),
              HasSubstr("twin-acquire ended with status 2"));
  EXPECT_THAT(trouble(acquire + end_line("a", 0) + acquire),
              HasSubstr("without an end"));  // twice, cut once
  EXPECT_EQ(trouble(acquire + end_line("a", 0) + acquire + end_line("a", 0)), "");
  EXPECT_EQ(trouble(beat + "\n"), "");
}

}  // namespace
}  // namespace twin::stream::reader_test
