// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "core/descriptor.h"
#include "core/file.h"

namespace twin::process::confine_test {
namespace {

/// What a process that is confined manages: each thing that it should not is a bit of its status.
[[noreturn]] void try_everything() {
  confine(std::size_t{8} << 30, 60);
  open_nothing_more();
  int managed = 0;
  if (::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0) managed |= 1;
  if (::open("made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0) managed |= 2;
  if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) managed |= 4;
  if (::fork() >= 0) managed |= 8;
  if (::kill(::getppid(), 0) == 0) managed |= 16;
  if (::execl("/bin/true", "true", nullptr) == 0) managed |= 32;
  _exit(managed);
}

TEST(Confine, NothingIsOpenedMadeRunOrReached) {
  if (is_sanitized()) GTEST_SKIP() << "skipped: under a sanitizer all is left to it";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(try_everything(), testing::ExitedWithCode(0), "");
}

/// As try_everything(), of what changes files, with threads and sockets left to it.
[[noreturn]] void try_to_change(const std::string& path) {
  const int read_write = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  confine(std::size_t{8} << 30, 60);
  change_no_files();
  int managed = 0;
  if (::unlink(path.c_str()) == 0) managed |= 1;
  if (::rename(path.c_str(), (path + "b").c_str()) == 0) managed |= 2;
  if (::truncate(path.c_str(), 0) == 0 || ::ftruncate(read_write, 0) == 0) managed |= 4;
  if (::open(path.c_str(), O_WRONLY | O_CLOEXEC) >= 0) managed |= 8;
  if (::open((path + "c").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600) >= 0) managed |= 8;
  if (::kill(::getppid(), 0) == 0 || ::tgkill(::getppid(), ::getppid(), 0) == 0) managed |= 16;
  if (::mkdir((path + "d").c_str(), 0700) == 0) managed |= 32;
  bool thread = false;
  std::thread([&] { thread = ::open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0; }).join();
  if (!thread || ::socket(AF_INET, SOCK_STREAM, 0) < 0) managed |= 64;
  (void)::execl("/bin/true", "true", nullptr);  // its status would be 0
  _exit(managed + 128);
}

TEST(Confine, NoFileIsChanged) {
  if (is_sanitized()) GTEST_SKIP() << "skipped: under a sanitizer all is left to it";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TemporaryFolder folder("confine");
  const std::string path = folder.path() + "/a";
  write_file_atomically(path, "x");
  EXPECT_EXIT(try_to_change(path), testing::ExitedWithCode(128), "");
  EXPECT_EQ(read_file(path, 10), "x");
}

TEST(Confine, MemoryHasAnEnd) {
  if (is_sanitized()) GTEST_SKIP() << "skipped: under a sanitizer all is left to it";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        confine(std::size_t{1} << 30, 60);
        _exit(std::malloc(std::size_t{2} << 30) == nullptr ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Confine, TimeHasAnEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        confine(std::size_t{8} << 30, 1);
        volatile bool ever = true;
        while (ever) {
        }
      },
      testing::KilledBySignal(SIGXCPU), "");
}

TEST(WriterOf, CountsWhoeverHasItOpenForWriting) {
  const TemporaryFolder folder("writer");
  const std::string path = folder.path() + "/a";
  write_file_atomically(path, "x");
  const Descriptor reading(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(writer_of(reading.number()), Writer::none);
  Descriptor writing(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(writer_of(reading.number()), Writer::some);
  writing.close();
  EXPECT_EQ(writer_of(reading.number()), Writer::none);
  // Another may open it afterwards without waiting.
  const Descriptor later(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  EXPECT_TRUE(later.open());
  EXPECT_EQ(writer_of(-1), Writer::unknown);
}

}  // namespace
}  // namespace twin::process::confine_test
