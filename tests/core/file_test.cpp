// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "core/error.h"

namespace twin::file_test {
namespace {

namespace fs = std::filesystem;

Cause cause_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.cause();
  }
  return Cause{0};
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

TEST(ReadFile, SaysWhyNot) {
  const TemporaryFolder folder("twin-test-");
  EXPECT_EQ(cause_of([&] { (void)read_file(folder.path() + "/none"); }), Cause::no_input);
  EXPECT_EQ(cause_of([&] { (void)read_file(folder.path()); }), Cause::no_input);
  create_file(folder.path() + "/ten", "0123456789");
  EXPECT_EQ(read_file(folder.path() + "/ten", 10), "0123456789");
  EXPECT_EQ(cause_of([&] { (void)read_file(folder.path() + "/ten", 9); }), Cause::data);
}

TEST(WriteFileAtomically, ReplacesAndLeavesNothingBehind) {
  const TemporaryFolder folder("twin-test-");
  const std::string path = folder.path() + "/out";
  write_file_atomically(path, "old");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  const std::string content(300'000, 'y');
  write_file_atomically(path, content);
  EXPECT_EQ(read_file(path), content);
  EXPECT_EQ(files_in(folder.path()), 1u);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms{0640});
}

TEST(WriteFileAtomically, KeepsTheTimeOfWhatDidNotChange) {
  const TemporaryFolder folder("twin-test-");
  const std::string path = folder.path() + "/out";
  write_file_atomically(path, "same");
  const auto past = fs::last_write_time(path) - std::chrono::hours(1);
  fs::last_write_time(path, past);
  write_file_atomically(path, "same");
  EXPECT_EQ(fs::last_write_time(path), past);
  write_file_atomically(path, "diff");
  EXPECT_GT(fs::last_write_time(path), past);
}

TEST(WriteFileAtomically, FollowsALinkAndRefusesAFolder) {
  const TemporaryFolder folder("twin-test-");
  create_file(folder.path() + "/real", "a");
  fs::create_symlink("real", folder.path() + "/link");
  write_file_atomically(folder.path() + "/link", "b");
  EXPECT_TRUE(fs::is_symlink(folder.path() + "/link"));
  EXPECT_EQ(read_file(folder.path() + "/real"), "b");
  EXPECT_EQ(cause_of([&] { write_file_atomically(folder.path(), "x"); }), Cause::cannot_create);
  EXPECT_EQ(cause_of([&] { write_file_atomically(folder.path() + "/no/file", "x"); }),
            Cause::cannot_create);
}

TEST(CreateFile, RefusesWhatExists) {
  const TemporaryFolder folder("twin-test-");
  create_file(folder.path() + "/a", "1");
  EXPECT_EQ(cause_of([&] { create_file(folder.path() + "/a", "2"); }), Cause::cannot_create);
  EXPECT_EQ(read_file(folder.path() + "/a"), "1");
}

TEST(TemporaryFolder, IsGoneAfterwards) {
  std::string path;
  {
    const TemporaryFolder folder("twin-test-");
    path = folder.path();
    create_file(path + "/a", "1");
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(SharedFile, IsFoundWhereTheVariableSays) {
  const TemporaryFolder folder("twin-test-");
  create_file(folder.path() + "/a.json", "{}");
  ASSERT_EQ(setenv("TWINLINE_SHARE", folder.path().c_str(), 1), 0);
  EXPECT_EQ(read_file(shared_file("a.json")), "{}");
  EXPECT_EQ(cause_of([] { (void)shared_file("none.json"); }), Cause::no_input);
  EXPECT_EQ(cause_of([] { (void)shared_file("../etc/passwd"); }), Cause::no_input);
  EXPECT_EQ(cause_of([] { (void)shared_file("/etc/passwd"); }), Cause::no_input);
  unsetenv("TWINLINE_SHARE");
}

}  // namespace
}  // namespace twin::file_test
