// SPDX-License-Identifier: GPL-3.0-or-later
#include "feff/cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/file.h"

namespace twin::feff::cache_test {
namespace {

const Files some{
    {"feff0001.dat", "one\ntwo\n"}, {"phase.bin", std::string("\0\1\n \xff", 5)}, {"empty", ""}};

TEST(Cache, GivesBackWhatWasPut) {
  const TemporaryFolder folder("twinline-test");
  const Cache cache(folder.path() + "/new/below");
  EXPECT_FALSE(cache.get("key"));
  cache.put("key", some);
  EXPECT_EQ(cache.get("key").value(), some);
  EXPECT_FALSE(cache.get("other"));
}

TEST(Cache, PackRoundTripAndEveryTruncation) {
  const std::string whole = pack(some);
  EXPECT_EQ(unpack(whole).value(), some);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(unpack(whole.substr(0, length))) << length;
  EXPECT_EQ(unpack(pack({})).value(), Files{});
}

TEST(Cache, AFlippedByteIsNoticed) {
  const std::string whole = pack(some);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string wrong = whole;
    wrong[at] = static_cast<char>(wrong[at] ^ 4);
    EXPECT_FALSE(unpack(wrong)) << at;
  }
}

TEST(Cache, WithoutAFolderKeepsNothing) {
  const Cache none{std::string()};
  none.put("key", some);
  EXPECT_FALSE(none.get("key"));
  const Cache impossible("/dev/null/x");
  impossible.put("key", some);
  EXPECT_FALSE(impossible.get("key"));
}

TEST(Cache, ReadersSeeWholeEntriesWhileManyWrite) {
  const TemporaryFolder folder("twinline-test");
  const Cache cache(folder.path());
  cache.put("key", some);
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&cache] {
      for (int n = 0; n < 20; ++n)
        cache.put("key", {{"file", std::string(20000, static_cast<char>('a' + n % 7))}});
    });
  bool whole = true;
  for (int n = 0; n < 500; ++n) whole = whole && cache.get("key").has_value();
  for (auto& writer : writers) writer.join();
  EXPECT_TRUE(whole);
}

}  // namespace
}  // namespace twin::feff::cache_test
