// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/ordered.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace twin::app::ordered_test {
namespace {

TEST(Ordered, KeepsTheOrderHoweverLongEachTakes) {
  for (const int jobs : {1, 2, 7}) {
    std::vector<int> out;
    Ordered ordered(jobs);
    for (int i = 0; i < 200; ++i)
      ordered.push([i, &out] {
        std::this_thread::sleep_for(std::chrono::microseconds((i * 7919) % 300));
        return [i, &out] { out.push_back(i); };
      });
    ordered.finish();
    ASSERT_EQ(out.size(), 200U);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], i) << jobs;
  }
}

TEST(Ordered, HandsTheFirstOutcomeOnBeforeTheLastWorkIsThere) {
  Ordered ordered(2);
  std::mutex mutex;
  std::condition_variable changed;
  bool first = false;
  ordered.push([&] {
    return [&] {
      const std::lock_guard lock(mutex);
      first = true;
      changed.notify_all();
    };
  });
  std::unique_lock lock(mutex);
  // Nothing else is pushed, nor is finish() called.
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return first; }));
}

TEST(Ordered, WorksAtSeveralThingsAtOnce) {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool together = true;
  Ordered ordered(2);
  for (int i = 0; i < 2; ++i)
    ordered.push([&]() -> Ordered::Outcome {
      std::unique_lock lock(mutex);
      ++inside;
      changed.notify_all();
      if (!changed.wait_for(lock, std::chrono::seconds(30), [&] { return inside == 2; }))
        together = false;
      return [] {};
    });
  ordered.finish();
  EXPECT_TRUE(together);
}

TEST(Ordered, WhatWorkThrowsComesOutAndNothingIsHandedOnAfterIt) {
  for (const int jobs : {1, 3}) {
    std::atomic<int> handed = 0;
    bool thrown = false;
    Ordered ordered(jobs);
    try {
      for (int i = 0; i < 100; ++i)
        ordered.push([i, &handed]() -> Ordered::Outcome {
          if (i == 10) throw std::runtime_error("ten");
          return [&handed] { ++handed; };
        });
      ordered.finish();
    } catch (const std::runtime_error& error) {
      thrown = std::string(error.what()) == "ten";
    }
    EXPECT_TRUE(thrown);
    EXPECT_LE(handed, 10) << jobs;
  }
}

TEST(Ordered, WhatAnOutcomeThrowsComesOut) {
  for (const int jobs : {1, 3}) {
    Ordered ordered(jobs);
    EXPECT_THROW(
        {
          ordered.push([] { return [] { throw std::runtime_error("closed"); }; });
          ordered.finish();
        },
        std::runtime_error);
  }
}

TEST(Ordered, HoldsTheCallerBackRatherThanEverythingInMemory) {
  std::mutex mutex;
  std::condition_variable changed;
  bool go = false;
  std::atomic<int> pushed = 0;
  Ordered ordered(2);
  std::thread caller([&] {
    for (int i = 0; i < 100; ++i) {
      ordered.push([&]() -> Ordered::Outcome {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return go; });
        return [] {};
      });
      ++pushed;
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_LE(pushed, 16);
  {
    const std::lock_guard lock(mutex);
    go = true;
  }
  changed.notify_all();
  caller.join();
  ordered.finish();
  EXPECT_EQ(pushed, 100);
}

}  // namespace
}  // namespace twin::app::ordered_test
