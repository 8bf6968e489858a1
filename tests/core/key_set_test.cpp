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

// Of 8000 keys many share their upper half: each is told from the others by its number.
TEST(KeyIndex, FindsEachOfThoseThatShareAHash) {
  std::mt19937_64 random(1);
  KeyIndex index;
  std::unordered_map<std::uint64_t, std::uint32_t> newest;  // by key
  std::unordered_map<std::uint32_t, std::uint64_t> keys{};  // by number
  for (std::uint32_t number = 1; number <= 20000; ++number) {
    const std::uint64_t key = (random() % 100) << 32 | random() % 80;
    const auto is_it = [&](std::uint32_t there) { return keys.at(there) == key; };
    const std::uint32_t before = index.find(key, is_it);
    EXPECT_EQ(before, newest.contains(key) ? newest.at(key) : 0U);
    keys[number] = key;
    if (before != 0)
      index.replace(key, before, number);
    else
      index.add(key, number);
    newest[key] = number;
  }
  EXPECT_EQ(index.size(), newest.size());
  for (const auto& one : newest)
    EXPECT_EQ(index.find(one.first, [&](auto there) { return keys.at(there) == one.first; }),
              one.second);
  EXPECT_EQ(index.find(std::uint64_t{200} << 32, [](std::uint32_t) { return true; }), 0U);
}

TEST(KeyIndex, ExtremesOfHashes) {
  KeyIndex index;
  const auto any = [](std::uint32_t) { return true; };
  for (std::uint32_t i = 0; i < 1000; ++i) {
    index.add(~std::uint64_t{0} - i, 1 + i);
    index.add(i, 0xffffffffu - i);
  }
  EXPECT_EQ(index.size(), 2000U);
  EXPECT_EQ(index.find(~std::uint64_t{0}, [](std::uint32_t n) { return n == 1000; }), 1000U);
  EXPECT_EQ(index.find(0, [](std::uint32_t n) { return n == 0xffffffffu; }), 0xffffffffu);
  EXPECT_EQ(index.find(std::uint64_t{1} << 63, any), 0U);
}

// Names that differ by a digit, as those of scans do.
TEST(KeyOfText, TellsNamesApart) {
  KeySet set;
  for (int i = 0; i < 200000; ++i)
    EXPECT_TRUE(set.insert(key_of_text("scan_" + std::to_string(i) + ".xdi")));
}

}  // namespace

}  // namespace twin::key_set_test
