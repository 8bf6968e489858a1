// SPDX-License-Identifier: GPL-3.0-or-later
// Several processes on one cache, and runs that end before their time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "feff/cache.h"
#include "feff/feff.h"
#include "process/child.h"

namespace twin::feff::processes_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Request copper() {
  Request request;
  request.crystal.element = "Cu";
  request.crystal.a = 3.61;
  return request;
}

/// What the children of the tests below do; alone it is a test of little.
TEST(FeffProcess, Worker) {
  if (!std::getenv("TWINLINE_TEST_WORKER")) GTEST_SKIP() << "skipped: the other tests' child";
  EXPECT_EQ(ideal_paths(copper()).paths.size(), 41u);
}

/// A cache, a $TMPDIR and a $PATH of the test's own.
class FeffProcesses : public testing::Test {
 protected:
  FeffProcesses() {
    fs::create_directory(temporary());
    setenv("XDG_CACHE_HOME", cache().c_str(), 1);
    setenv("TMPDIR", temporary().c_str(), 1);
  }
  ~FeffProcesses() override {
    unsetenv("XDG_CACHE_HOME");
    unsetenv("TMPDIR");
    setenv("PATH", path_.c_str(), 1);
  }

  [[nodiscard]] std::string cache() const { return folder_.path() + "/cache"; }
  [[nodiscard]] std::string temporary() const { return folder_.path() + "/tmp"; }

  /// This program again, doing what Worker does.
  static process::Launch worker() {
    return {
        .argv = {fs::read_symlink("/proc/self/exe").string(), "--gtest_filter=FeffProcess.Worker"},
        .environment = {{"TWINLINE_TEST_WORKER", "1"}}};
  }

  void pretend(const std::string& script) const {
    const std::string bin = folder_.path() + "/bin";
    fs::create_directory(bin);
    std::ofstream(bin + "/feff6l") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(bin + "/feff6l", fs::perms::owner_all);
    setenv("PATH", (bin + ":" + path_).c_str(), 1);
  }

  /// The files of the cache.
  [[nodiscard]] std::vector<std::string> entries() const {
    std::vector<std::string> found;
    if (!fs::exists(cache())) return found;
    for (const auto& entry : fs::recursive_directory_iterator(cache()))
      if (entry.is_regular_file()) found.push_back(entry.path().string());
    return found;
  }

  const std::string path_ = std::getenv("PATH") ? std::getenv("PATH") : "";
  const TemporaryFolder folder_{"twinline-test"};
};

TEST_F(FeffProcesses, ShareOneCache) {
  if (!fs::exists("/usr/bin/feff6l"))
    GTEST_SKIP() << "skipped: no feff6l (Debian package feff85exafs)";
  {
    std::vector<process::Child> children;
    for (int i = 0; i < 3; ++i) children.emplace_back(worker());
    for (auto& child : children) {
      std::string said;
      while (const auto chunk = child.read(process::Seconds(60))) said += chunk->bytes;
      EXPECT_EQ(child.wait(process::Seconds(60)).status, 0) << said;
    }
  }
  const auto left = entries();
  ASSERT_EQ(left.size(), 1u);  // nothing half written beside it
  EXPECT_TRUE(unpack(read_file(left[0])));
  EXPECT_TRUE(fs::is_empty(temporary()));
  pretend("exit 1");  // another program is another key: what is kept is not its answer
  EXPECT_THROW(static_cast<void>(ideal_paths(copper())), Error);
}

TEST_F(FeffProcesses, KilledWhileFeffRunsLeaveNoEntry) {
  pretend("echo half > feff0001.dat; touch " + folder_.path() + "/started; exec sleep 60");
  {
    process::Child child(worker());
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!fs::exists(folder_.path() + "/started") && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_TRUE(fs::exists(folder_.path() + "/started"));
  }  // its destructor kills
  EXPECT_TRUE(entries().empty());
}

TEST_F(FeffProcesses, FeffThatIsKilledOrBreaksOffLeavesNoEntry) {
  const auto complaint = [] {
    try {
      static_cast<void>(ideal_paths(copper()));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  pretend("echo half > feff0001.dat; kill -9 $$");
  EXPECT_THAT(complaint(), HasSubstr("status 137"));
  pretend("echo half > feff0001.dat");  // as with a full disk, which it does not notice
  EXPECT_THAT(complaint(), HasSubstr("broken file (feff0001.dat:"));
  for (const char* said : {"You have found more than 10000 paths.",
                           "Internal path finder limit exceeded -- path list may be incomplete."}) {
    pretend("echo ' " + std::string(said) + "'; echo half > feff0001.dat");
    EXPECT_THAT(complaint(), HasSubstr("smaller rmax or fewer legs"));
  }
  EXPECT_TRUE(entries().empty());
}

}  // namespace
}  // namespace twin::feff::processes_test
