// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/watch.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <utime.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/time.h"
#include "message_of.h"

namespace twin::sources::watch_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

/// A folder, and what is told of it: "+name" whole, "~name" growing.
class Folder : public ::testing::TestWithParam<WatchSettings::How> {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::app) << text;
  }

  /// Of so many seconds ago.
  void put_old(const std::string& name, int age) const {
    put(name, name);
    const std::time_t then = std::time(nullptr) - age;
    const utimbuf times{then, then};
    ASSERT_EQ(::utime(path(name).c_str(), &times), 0);
  }

  void watch(WatchSettings settings = {}) {
    settings.how = GetParam();
    settings.poll_seconds = 0.02;
    settings.still_seconds = 0.2;
    watch_ = std::make_unique<Watch>(std::vector{folder_.path()}, settings);
  }

  /// All that is told until nothing more is for a while, growing files once.
  std::vector<std::string> told(double quiet = 0.5) {
    std::vector<std::string> out;
    double end = monotonic_seconds() + quiet;
    while (monotonic_seconds() < end)
      for (const auto& change : watch_->wait(0.05)) {
        end = monotonic_seconds() + quiet;
        const std::string name = std::filesystem::path(change.path).filename().string();
        const std::string one = (change.whole ? "+" : "~") + name;
        if (out.empty() || out.back() != one) out.push_back(one);
      }
    return out;
  }

  [[nodiscard]] bool by_events() const { return GetParam() == WatchSettings::How::events; }

  TemporaryFolder folder_{"watch"};
  std::unique_ptr<Watch> watch_;
};

/// By a program that measures slowly, and began before this one.
TEST_P(Folder, WhatIsStillIsNotWholeWhileSomebodyHasItOpenForWriting) {
  put_old("slow", 100);
  std::ofstream writer(path("slow"), std::ios::app);
  watch();
  EXPECT_THAT(told(), testing::Not(testing::Contains("+slow")));
  writer << "more" << std::flush;
  EXPECT_THAT(told(), testing::Not(testing::Contains("+slow")));
  writer.close();
  EXPECT_THAT(told(), testing::Contains("+slow"));
  EXPECT_TRUE(watch_->idle());
}

TEST_P(Folder, WhatIsThereComesFirstTheOldestFirst) {
  put_old("b", 100);
  put_old("c", 50);
  put_old("a", 200);
  watch();
  EXPECT_THAT(told(), ElementsAre("+a", "+b", "+c"));
  EXPECT_TRUE(watch_->idle());
  EXPECT_THAT(told(0.1), IsEmpty());
}

TEST_P(Folder, AFileIsWholeWhenItWasClosedOrRenamed) {
  watch();
  EXPECT_THAT(told(0.1), IsEmpty());
  put("one", "1");
  const auto first = told();
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first.back(), "+one");
  put(".hidden", "2");
  put("two.part", "2");
  EXPECT_THAT(told(), IsEmpty());
  std::filesystem::rename(path("two.part"), path("two"));
  const auto second = told();
  ASSERT_FALSE(second.empty());
  EXPECT_EQ(second.back(), "+two");
}

TEST_P(Folder, AFileThatGrowsIsWholeWhenItIsClosed) {
  watch();
  EXPECT_THAT(told(0.1), IsEmpty());
  std::ofstream file(path("slow"));
  file << "1\n" << std::flush;
  EXPECT_THAT(watch_->wait(2), ::testing::SizeIs(1));
  // Longer than it takes a file to be still, where it is seen that somebody has it open.
  if (by_events()) {
    EXPECT_THAT(told(0.4), IsEmpty());
    EXPECT_FALSE(watch_->idle());
  }
  file << "2\n" << std::flush;
  file.close();
  const auto last = told();
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back(), "+slow");
}

TEST_P(Folder, AnotherStateOfAFileIsToldOfAgain) {
  watch();
  put("one", "1");
  EXPECT_EQ(told().back(), "+one");
  put("one", "2");
  const auto again = told();
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again.back(), "+one");
  watch_->again(path("one"));  // though it is as it was
  EXPECT_THAT(told(), ElementsAre("+one"));
}

TEST_P(Folder, OneThatIsClosedAfterEachRowIsWaitedFor) {
  watch({.settle_seconds = 0.3});
  for (int row = 0; row < 5; ++row) {
    put("rows", "1\n");
    for (const auto& change : watch_->wait(0.05)) EXPECT_FALSE(change.whole);
  }
  const auto last = told();
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back(), "+rows");
  EXPECT_EQ(std::ranges::count(last, "+rows"), 1);
}

TEST_P(Folder, FoldersAndPipesInItAreNoFiles) {
  std::filesystem::create_directory(path("inner"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("/nowhere", path("dangling"));
  watch();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(Folder, OneThatGoesAwayIsWaitedFor) {
  watch();
  EXPECT_THAT(told(0.1), IsEmpty());
  std::filesystem::rename(folder_.path(), folder_.path() + "-away");
  EXPECT_THAT(told(0.2), IsEmpty());
  EXPECT_THAT(watch_->notes(), ::testing::Contains(HasSubstr("it is waited for")));
  std::filesystem::create_directory(folder_.path());
  put("new", "1");
  const auto back = told(1);
  ASSERT_FALSE(back.empty());
  EXPECT_EQ(back.back(), "+new");
  EXPECT_THAT(watch_->notes(), ::testing::Contains(HasSubstr("there again")));
  std::filesystem::remove_all(folder_.path() + "-away");
}

TEST_P(Folder, WhatIsIgnoredIsNotToldOf) {
  watch({.ignore = [](const std::string& path) { return path.ends_with(".nxs"); }});
  put("run.nxs", "1");
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(Folder, NothingIsLostInAStorm) {
  watch();
  constexpr int files = 3000;
  for (int i = 0; i < files; ++i) put("f" + std::to_string(i), "x");
  std::set<std::string> whole;
  const double end = monotonic_seconds() + 20;
  while (static_cast<int>(whole.size()) < files && monotonic_seconds() < end)
    for (const auto& change : watch_->wait(0.1))
      if (change.whole) {
        EXPECT_TRUE(whole.insert(change.path).second) << change.path;
      }
  EXPECT_EQ(whole.size(), files);
}

INSTANTIATE_TEST_SUITE_P(Seen, Folder,
                         ::testing::Values(WatchSettings::How::events, WatchSettings::How::polling),
                         [](const auto& how) {
                           return how.param == WatchSettings::How::events ? "ByEvents"
                                                                          : "ByPolling";
                         });

TEST(Watch, AFolderThatIsNotThereIsAnError) {
  EXPECT_THAT(message_of([] { Watch({"/nowhere/at all"}, {}); }, Cause::no_input),
              HasSubstr("/nowhere/at all: no such folder"));
}

TEST(Watch, LocalFoldersAreFollowedByEvents) {
  const TemporaryFolder folder("watch");
  Watch watch({folder.path()}, {.poll_seconds = 100});
  EXPECT_THAT(watch.notes(), IsEmpty());
  (void)watch.wait(0.05);
  std::ofstream(folder.path() + "/a") << "x";
  const auto changes = watch.wait(5);
  ASSERT_THAT(changes, ::testing::SizeIs(1));
  EXPECT_TRUE(changes.front().whole);
}

}  // namespace

}  // namespace twin::sources::watch_test
