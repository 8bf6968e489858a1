// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace twin::md::parallel_test {
namespace {

TEST(Parallel, CallsEachOnce) {
  for (const unsigned threads : {0U, 1U, 3U, 20U}) {
    std::vector<std::atomic<int>> calls(11);
    in_parallel(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1) << threads;
  }
  in_parallel(0, 4, [](std::size_t) { FAIL(); });
}

TEST(Parallel, ThrowsWhatTheLowestThrew) {
  std::atomic<int> begun = 0;
  const auto work = [&](std::size_t i) {
    ++begun;
    while (begun < 2) {
    }
    throw std::runtime_error(std::to_string(i));
  };
  try {
    in_parallel(2, 2, work);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "0");
  }
}

}  // namespace
}  // namespace twin::md::parallel_test
