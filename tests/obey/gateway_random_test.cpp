// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever comes in, nothing out of bounds goes out, and a log is enough to find it again.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>
#include <random>
#include <vector>

#include "commands.h"

namespace twin::obey::gateway_random_test {

namespace {

/// Numbers of all kinds.
double anything(std::mt19937_64& random) {
  static const std::array<double, 10> odd{0.0,    -0.0, -1.0, 1e308,    -1e308,
                                          1e-308, 60,   NAN,  INFINITY, -INFINITY};
  if (random() % 4 == 0) return odd[random() % odd.size()];
  return std::uniform_real_distribution<double>(-100, 200)(random);
}

record::Command any_command(std::mt19937_64& random, double now) {
  static const std::array<std::string, 8> modes{"quiet", "watch",   "track",    "",
                                                "TRACK", "track\n", "../track", "shutter"};
  static const std::array<std::string, 8> intervals{"20 s", "5 s",   "nan s", "-20 s",
                                                    "1 h",  "1e9 h", "",      "20 Å"};
  record::Command out;
  out.header.id = random() % 20 == 0 ? "" : "id" + std::to_string(random() % 100000);
  out.header.by = "writer" + std::to_string(random() % 3);
  out.header.time =
      random() % 10 == 0 ? "now" : utc(now + (random() % 3 == 0 ? anything(random) : -1));
  out.sequence = static_cast<std::int64_t>(random() % 8 == 0 ? random() : random() % 1000);
  out.mode = modes[random() % (random() % 2 == 0 ? 3 : modes.size())];
  out.ttl_seconds = random() % 3 == 0 ? anything(random) : 60;
  if (random() % 3 == 0) {
    out.details = record::Value{record::Value::Object{}};
    out.details.set("every", intervals[random() % intervals.size()]);
    out.details.set("scan", "of the command's own");
  }
  return out;
}

// A million inputs of every kind; whatever goes out is allowed, and soon after the last command
// that counts the safe mode is ordered.
TEST(Gateway, NothingOutOfBoundsGoesOut) {
  auto limits = bounds();
  limits.slew_factor = 2;
  limits.slew_seconds = 10;
  limits.dwell_seconds = 5;
  limits.orders_per_minute = 10;
  std::mt19937_64 random(11);
  int orders = 0, kinds = 0;
  for (int round = 0; round < 100; ++round) {
    Gateway gateway(limits);
    std::optional<Order> last = gateway.begin(at(0)).order;
    std::deque<double> sent;
    double t = 0, alive = 0;
    for (int i = 0; i < 10000; ++i) {
      t += std::uniform_real_distribution<double>(0, 2)(random);
      Answer answer;
      switch (const auto kind = random() % 400) {
        case 0:
          answer = gateway.overridden(random() % 2 == 0, at(t));
          break;
        case 1:
          answer = gateway.suspended(random() % 2 == 0, at(t));
          break;
        case 2:
          answer = gateway.clock_jumped(at(t));
          break;
        default:
          answer = kind < 200 ? gateway.take(any_command(random, t), at(t)) : gateway.tick(at(t));
      }
      if (answer.what == "command-taken" || answer.what == "mode-ordered") alive = t;
      if (!answer.empty()) ++kinds;
      if (answer.what == "operator-override") last.reset();  // nobody knows what he sets
      // No command lives longer than 120 s.
      if (gateway.ordered() && gateway.ordered()->mode != "quiet") {
        ASSERT_LE(t - alive, 122 + 5);
      }
      if (!answer.order) continue;
      ++orders;
      const Order& order = *answer.order;
      ASSERT_TRUE(limits.modes.contains(order.mode)) << order.mode;
      ASSERT_EQ(order.scan, limits.modes.at(order.mode).scan);
      ASSERT_GE(order.every_seconds, limits.least_every);
      ASSERT_LE(order.every_seconds, limits.most_every);
      if (order.mode != "quiet") {
        while (!sent.empty() && t - sent.front() >= 60) sent.pop_front();
        sent.push_back(t);
        ASSERT_LE(static_cast<int>(sent.size()), limits.orders_per_minute);
      }
      if (last && answer.what == "mode-ordered" && gateway.ordered() && order.mode != "quiet" &&
          last->mode == order.mode) {
        ASSERT_GE(order.every_seconds, last->every_seconds / limits.slew_factor - 1e-9);
      }
      last = order;
    }
  }
  EXPECT_GT(orders, 1000);
  EXPECT_GT(kinds, 10000);
}

// What a log has is enough to find the same orders again.
TEST(Gateway, TheSameInputsGiveTheSameOrders) {
  const auto limits = bounds();
  std::mt19937_64 random(5);
  struct Input {
    bool tick;
    record::Command command;
    double t;
  };
  std::vector<Input> logged;
  std::vector<Order> orders, again;
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  double t = 0;
  for (int i = 0; i < 20000; ++i) {
    t += 1;
    const bool tick = random() % 2 == 0;
    const auto one = any_command(random, t);
    const auto answer = tick ? gateway.tick(at(t)) : gateway.take(one, at(t));
    if (answer.empty()) continue;  // nothing is logged of it
    logged.push_back({tick, one, t});
    if (answer.order) orders.push_back(*answer.order);
  }
  Gateway replayed(limits);
  (void)replayed.begin(at(0));
  for (const auto& input : logged) {
    const auto answer =
        input.tick ? replayed.tick(at(input.t)) : replayed.take(input.command, at(input.t));
    EXPECT_FALSE(answer.empty());
    if (answer.order) again.push_back(*answer.order);
  }
  EXPECT_GT(orders.size(), 100U);
  EXPECT_EQ(orders, again);
  EXPECT_EQ(gateway.memory(at(t)).dose_Gy, replayed.memory(at(t)).dose_Gy);
}

}  // namespace

}  // namespace twin::obey::gateway_random_test
