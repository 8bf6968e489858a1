// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/key_set.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <unordered_map>

namespace twin::key_set_test {

namespace {

TEST(KeySet, RemembersWhatItSaw) {
  KeySet set;
  EXPECT_FALSE(set.contains(0));
  for (std::uint64_t key = 0; key < 10000; key += 3) EXPECT_TRUE(set.insert(key << 40));
  for (std::uint64_t key = 0; key < 10000; ++key)
    EXPECT_EQ(set.contains(key << 40), key % 3 == 0) << key;
  EXPECT_FALSE(set.insert(0));
}

TEST(KeyMap, IsAMap) {
  std::mt19937_64 random(1);
  KeyMap<long> map;
  std::unordered_map<std::uint64_t, long> expected;
  for (long i = 0; i < 20000; ++i) {
    const std::uint64_t key = random() % 8000 + 1;
    const auto [value, fresh] = map.insert(key);
    EXPECT_EQ(fresh, !expected.contains(key));
    value = expected[key] = i;
  }
  EXPECT_EQ(map.size(), expected.size());
  for (const auto& [key, value] : expected) {
    ASSERT_NE(map.find_value(key), nullptr);
    EXPECT_EQ(*map.find_value(key), value);
  }
  EXPECT_EQ(map.find_value(9000), nullptr);
}

// Names that differ by a digit, as those of scans do.
TEST(KeyOfText, TellsNamesApart) {
  KeySet set;
  for (int i = 0; i < 200000; ++i)
    EXPECT_TRUE(set.insert(key_of_text("scan_" + std::to_string(i) + ".xdi")));
}

}  // namespace

}  // namespace twin::key_set_test
