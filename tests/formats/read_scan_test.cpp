// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/read_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>
#include <thread>

#include "core/file.h"
#include "core/hash.h"
#include "places.h"
#include "projects.h"
#include "support.h"

namespace twin::formats::read_scan_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string foil = test_data_dir() + "/xdi/foil.xdi";

std::string error_of(const std::string& path, Cause cause = Cause::data) {
  return message_of([&] { (void)read_scan(path); }, cause);
}

void write_gzip(const std::string& path, const std::string& text) {
  const gzFile gz = gzopen(path.c_str(), "wb");
  ASSERT_TRUE(gz);
  ASSERT_EQ(gzwrite(gz, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  gzclose(gz);
}

TEST(ReadScan, GzipReadsAsThePlainFile) {
  const TemporaryFolder folder("formats");
  const std::string path = folder.path() + "/foil.xdi.gz";
  write_gzip(path, read_file(foil));
  const auto plain = read_scan(foil), packed = read_scan(path);
  EXPECT_EQ(packed.format, "xdi");
  EXPECT_EQ(packed.columns, plain.columns);
  EXPECT_EQ(packed.metadata, plain.metadata);
  EXPECT_EQ(packed.sha256, sha256(read_file(path)));  // of the raw bytes
  EXPECT_NE(packed.sha256, plain.sha256);
}

TEST(ReadScan, GzipThatIsCutAtAnyByte) {
  const TemporaryFolder folder("formats");
  const std::string whole = folder.path() + "/whole.gz", cut = folder.path() + "/cut.gz";
  write_gzip(whole, read_file(foil));
  const std::string bytes = read_file(whole);
  const auto rows = read_scan(whole).rows();
  std::size_t marked = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write_file_atomically(cut, bytes.substr(0, size));
    try {
      const auto scan = read_scan(cut);
      EXPECT_TRUE(scan.truncated) << size;
      EXPECT_LE(scan.rows(), rows);
      ++marked;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << size;
    }
  }
  EXPECT_GT(marked, 0u);
}

TEST(ReadScan, GzipWithAFlippedByteIsNeverSilent) {
  const TemporaryFolder folder("formats");
  const std::string path = folder.path() + "/foil.gz";
  write_gzip(path, read_file(foil));
  std::string bytes = read_file(path);
  const auto plain = read_scan(foil);
  for (std::size_t at = 10; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write_file_atomically(path, flipped);
    try {
      const auto scan = read_scan(path);
      EXPECT_TRUE(scan.truncated) << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << at;
    }
  }
}

TEST(ReadScan, GzipThatInflatesWithoutEnd) {
  const TemporaryFolder folder("formats");
  const std::string path = folder.path() + "/bomb.gz";
  const gzFile gz = gzopen(path.c_str(), "wb1");
  const std::string block(1u << 20, '1');  // one line of 64 MiB in some 300 kB
  for (int i = 0; i < 64; ++i) gzwrite(gz, block.data(), 1u << 20);
  gzclose(gz);
  EXPECT_THAT(error_of(path), HasSubstr("bomb.gz:1: a line of more than 1 MiB"));
}

TEST(ReadScan, MissingFolderAndForeign) {
  const TemporaryFolder folder("formats");
  EXPECT_THAT(error_of(folder.path() + "/none.xdi", Cause::no_input),
              HasSubstr("none.xdi: No such file"));
  EXPECT_THAT(error_of(folder.path(), Cause::no_input), HasSubstr("a folder; a file"));
  const auto content = [&](const std::string& bytes) {
    write_file_atomically(folder.path() + "/x", bytes);
    return error_of(folder.path() + "/x");
  };
  EXPECT_THAT(content(""), HasSubstr("x: empty"));
  EXPECT_THAT(content("\x89HDF\r\n\x1a\n"), HasSubstr("HDF5"));
  EXPECT_THAT(content("# Athena project file -- \n"), HasSubstr("0 groups"));
  EXPECT_THAT(content("#F spec\n1 2\n3 4\n"), HasSubstr("0 scans"));
  EXPECT_THAT(content("{}"), HasSubstr("an Athena project is expected"));
  EXPECT_THAT(content("\x89PNG\r\n"), HasSubstr("a picture"));
  EXPECT_THAT(content(std::string(1000, '\0')), HasSubstr("x:1: a NUL byte"));
}

TEST(ReadScan, APipeIsRead) {
  const TemporaryFolder folder("formats");
  const std::string path = folder.path() + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] {
    std::FILE* out = std::fopen(path.c_str(), "w");
    std::fputs("# energy mu\n1 2\n3 4\n", out);
    std::fclose(out);
  });
  const auto scan = read_scan(path);
  writer.join();
  EXPECT_THAT(scan.names, ElementsAre("energy", "mu"));
  EXPECT_EQ(scan.name, path);
  EXPECT_EQ(scan.sha256, sha256("# energy mu\n1 2\n3 4\n"));
}

TEST(ReadScan, CopperFoilsOfDebian) {
  const std::filesystem::path folder = "/usr/share/doc/ifeffit/examples/data";
  if (!std::filesystem::exists(folder / "cu.xmu")) GTEST_SKIP() << "skipped: no " << folder;
  for (const char* name : {"cu.xmu", "cu_150k.xmu", "cu_rt01.xmu"}) {
    auto scan = read_scan((folder / name).string());
    EXPECT_EQ(scan.format, "columns") << name;
    EXPECT_GT(scan.rows(), 200u) << name;
    EXPECT_EQ(column_index(scan, "energy"), 0u) << name;
    EXPECT_EQ(column_index(scan, "xmu"), 1u) << name;
    check_scan(scan, 0);
    EXPECT_NEAR(scan.columns[0].front(), 8800, 200) << name;  // Cu K at 8979 eV, a pre-edge before
    EXPECT_FALSE(scan.truncated) << name;
  }
}

TEST(ReadScan, SeveralScansAreNamed) {
  std::istringstream one("#F a\n#S 1 x\n#N 2\n#L E  I\n1 2\n3 4\n");
  EXPECT_EQ(parse_scan(one, "a").label, "1");  // others may follow
  std::istringstream two("#F a\n#S 1 x\n1 2\n3 4\n#S 2 x\n1 2\n3 4\n");
  EXPECT_THAT(message_of([&] { (void)parse_scan(two, "a.spec"); }),
              HasSubstr("a.spec: 2 scans (1, 2); a file with one is expected"));
}

TEST(ReadScan, GzipOfProjectsAndSpec) {
  const TemporaryFolder folder("formats");
  const std::string path = folder.path() + "/a.gz";
  write_gzip(path, "#F a\n#S 1 x\n1 2\n3 4\n#S 2 x\n1 2\n3 4\n");
  EXPECT_EQ(read_scans(path).size(), 2u);
  EXPECT_EQ(read_scans(path)[1].sha256, sha256("#S 2 x\n1 2\n3 4\n"));
  write_gzip(path,
             perl_project({{"abcd", {}, {1, 2}, {3, 4}, {}}, {"efgh", {}, {1, 2}, {3, 4}, {}}}));
  EXPECT_EQ(read_scans(path)[1].label, "efgh");
}

// Its scans are the same ones when more has come.
TEST(ReadScan, OfASpecFileThatGrowsTheScansThatAreOver) {
  const TemporaryFolder folder("formats");
  const std::string path = folder.path() + "/a.spec";
  const auto write = [&](const std::string& text) {
    std::ofstream(path, std::ios::app) << text;
    return read_growing_scans(path);
  };
  EXPECT_TRUE(write("#F a\n\n#S 1 ascan x 0 2 2 1\n#L E  I\n1 2\n2 3\n").empty());
  const auto first = write("3 4\n");  // three points, as it was told to have
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].counted);
  EXPECT_EQ(write("\n#S 2 timescan\n#L E  I\n1 2\n2 3\n").size(), 1u);
  const auto both = write("\n#C it was a good one\n#S 3 ascan x 0 2 2 1\n1 2\n");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].sha256, first[0].sha256);
  const auto whole = read_scans(path);
  ASSERT_EQ(whole.size(), 3u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(whole[i].sha256, both[i].sha256);
  EXPECT_NE(whole[0].sha256, whole[1].sha256);
  std::ofstream(folder.path() + "/b.dat") << "1 2\n3 4\n";
  EXPECT_TRUE(read_growing_scans(folder.path() + "/b.dat").empty());
}

}  // namespace
}  // namespace twin::formats::read_scan_test
