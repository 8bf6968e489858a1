// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/hdf5_heap.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace twin::formats::hdf5_heap_test {
namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// An object of a heap with lengths of 8 bytes; its data are padded to 8.
std::string object(std::uint64_t index, std::uint64_t size, std::size_t data) {
  return number(index, 2) + std::string(6, '\0') + number(size, 8) + std::string(data, 'x');
}

/// A file whose heap of 64 bytes holds \p objects.
std::string file(const std::string& objects, std::size_t before = 4096, std::uint64_t size = 64) {
  std::string out = "\x89HDF\r\n\x1a\n" + std::string(5, '\0') + "\x08\x08";
  out.resize(before, '\0');
  std::string heap = "GCOL\x01" + std::string(3, '\0') + number(size, 8) + objects;
  heap.resize(64, '\0');
  return out + heap;
}

bool sound(const std::string& bytes) {
  return heaps_are_sound([&](std::size_t offset, std::size_t count) {
    return offset < bytes.size() ? bytes.substr(offset, count) : std::string();
  });
}

TEST(Hdf5Heap, ObjectsAndFreeSpaceUpToTheEnd) {
  EXPECT_TRUE(sound(""));
  EXPECT_TRUE(sound(std::string(4096, 'x')));
  EXPECT_TRUE(sound(file(object(1, 3, 8) + object(0, 24, 0))));
  EXPECT_TRUE(sound(file(object(1, 32, 32))));
  EXPECT_TRUE(sound(file(object(1, 24, 24))));  // 8 bytes left: free space without a header
}

TEST(Hdf5Heap, WhatTheLibraryWouldNotComeOutOf) {
  EXPECT_FALSE(sound(file("")));                 // as of a file that was not written to its end
  EXPECT_FALSE(sound(file(object(1, 3, 8))));    // zeros behind an object
  EXPECT_FALSE(sound(file(object(0, 16, 0))));   // free space that ends too early
  EXPECT_FALSE(sound(file(object(1, 33, 32))));  // past the end
  EXPECT_FALSE(sound(file(object(1, ~0ULL - 15, 32))));  // a length that runs over
  EXPECT_FALSE(sound(file(object(1, 32, 32), 4096, 65)));
  EXPECT_FALSE(sound(file(object(1, 32, 32), 4096, 8)));
}

TEST(Hdf5Heap, AtTheSeamOfTwoBlocks) {
  const std::size_t seam = std::size_t{1} << 20;
  for (std::size_t before = seam - 20; before <= seam + 4; ++before) {
    EXPECT_TRUE(sound(file(object(1, 32, 32), before))) << before;
    EXPECT_FALSE(sound(file("", before))) << before;
  }
}

}  // namespace
}  // namespace twin::formats::hdf5_heap_test
