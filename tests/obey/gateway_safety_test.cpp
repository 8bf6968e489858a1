// SPDX-License-Identifier: GPL-3.0-or-later
// Ways round the bounds, and what is left when all goes wrong.
#include <gmock/gmock.h>

#include "commands.h"

namespace twin::obey::gateway_safety_test {

namespace {

TEST(Gateway, WhatCouldNotBeSentLeavesTheSafeModeAlone) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  (void)gateway.take(command("track", 9, 1), at(10));
  for (double t = 11; t < 20; t += 2) {  // as often as it is tried
    const auto again = gateway.failed("no answer", at(t));
    EXPECT_EQ(again.what, "not-sent");
    EXPECT_EQ(again.order->mode, "quiet");
  }
  EXPECT_EQ(gateway.take(command("track", 20, 2), at(20)).what, "command-refused");
  EXPECT_EQ(gateway.end(at(21)).order->mode, "quiet");
}

TEST(Gateway, TheSafeModeIsNoWayRoundTheBounds) {
  auto limits = bounds();
  limits.dose_budget = 3;
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  int orders = 0;
  for (int i = 1; i < 100; ++i) {
    auto fast = command("quiet", i, i);
    fast.details = record::Value{record::Value::Object{}};
    fast.details.set("every", i % 2 == 0 ? "10 s" : "60 s");
    if (gateway.take(fast, at(i)).order) ++orders;
  }
  EXPECT_EQ(orders, 0);
  EXPECT_DOUBLE_EQ(gateway.ordered()->every_seconds, 600);
}

TEST(Gateway, ARenewedCommandIsNewThoughItsIdIsTheSame) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  auto one = command("track", 10, 1, 20);
  (void)gateway.take(one, at(10));
  one.header.time = utc(25);
  one.header.by = "started anew";
  EXPECT_EQ(gateway.take(one, at(25)).what, "command-taken");
  EXPECT_TRUE(gateway.tick(at(40)).empty());
}

TEST(Gateway, ADoseIsCountedWhoeverTakesOver) {
  auto limits = bounds();
  limits.dose_budget = 100;
  Gateway gateway(limits);
  (void)gateway.begin(at(-10));
  (void)gateway.take(command("watch", 0, 1, 120), at(0));
  const double whole = gateway.memory(at(0)).dose_Gy + 100. / 60 * 0.1;
  EXPECT_EQ(gateway.tick(at(70)).what, "counted");  // so that the log has it
  EXPECT_NEAR(gateway.memory(at(100)).dose_Gy, whole, 1e-12);
  (void)gateway.overridden(true, at(100));
  EXPECT_NEAR(gateway.memory(at(500)).dose_Gy, whole, 1e-12);
  Gateway unarmed(limits);
  (void)unarmed.begin(at(0), false);
  (void)unarmed.take(command("watch", 0, 1, 120), at(0));
  EXPECT_EQ(unarmed.memory(at(100)).dose_Gy, 0);
}

// The token ends: the beamline stays in the safe mode, and what is said of others goes nowhere.
TEST(Gateway, WhatIsOnlySaidIsNeitherSpentNorConfirmed) {
  auto limits = bounds();
  limits.dose_budget = 100;
  limits.actuator.file_seconds = 20;
  limits.actuator.read_back_file = "mode";
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  (void)gateway.read_back("quiet", at(1));
  (void)gateway.end(at(2));
  EXPECT_EQ(gateway.disarm(at(2)).what, "disarmed");
  const Memory then = gateway.memory(at(2));
  EXPECT_TRUE(gateway.take(command("track", 9, 1), at(10)).order);
  EXPECT_TRUE(gateway.tick(at(25)).empty());
  EXPECT_EQ(gateway.memory(at(30)).dose_Gy, then.dose_Gy);
  EXPECT_EQ(gateway.memory(at(30)).at, then.at);
  EXPECT_EQ(gateway.begin(at(200)).what, "begin");
  EXPECT_NEAR(gateway.memory(at(200)).dose_Gy, then.dose_Gy + 198. / 600 * 0.1, 1e-12);
  EXPECT_EQ(gateway.read_back("quiet", at(201)).what, "mode-confirmed");
  EXPECT_TRUE(gateway.take(command("track", 202, 2), at(202)).order);
}

TEST(Gateway, WhatAKilledOneMayHaveSpentIsCountedOnce) {
  auto limits = bounds();
  limits.dose_budget = 100;
  limits.actuator.file_seconds = 20;
  Gateway killed(limits);
  (void)killed.begin(at(0));
  (void)killed.take(command("watch", 10, 1, 120), at(10));
  const Memory last = killed.memory(at(10));
  const double rate = limits.modes.at("watch").dose_Gy / 60;
  const auto after = [&](double seconds) {
    Gateway again(limits, last);
    (void)again.begin(at(10 + seconds));
    (void)again.begin(at(10 + seconds));  // armed later
    return again.memory(at(10 + seconds)).dose_Gy - last.dose_Gy;
  };
  EXPECT_NEAR(after(30), 30 * rate, 1e-12);
  // Untold for 60 s, and held for 20 s; then it is in the safe mode.
  EXPECT_NEAR(after(1e5), 80 * rate + (1e5 - 80) / 600 * 0.1, 1e-9);
  // Nothing is sent: it is still to be counted, once something is.
  Gateway unarmed(limits, last);
  (void)unarmed.begin(at(20), false);
  (void)unarmed.take(command("track", 21, 1), at(21));
  EXPECT_EQ(unarmed.memory(at(30)).dose_Gy, last.dose_Gy);
  Gateway overridden(limits, unarmed.memory(at(30)));
  (void)overridden.overridden(true, at(30));
  (void)overridden.begin(at(30));
  EXPECT_EQ(overridden.memory(at(40)).dose_Gy, last.dose_Gy);
  (void)overridden.overridden(false, at(40));
  EXPECT_NEAR(overridden.memory(at(40)).dose_Gy, last.dose_Gy + 30 * rate, 1e-12);
  limits.actuator.program = {"told"};
  EXPECT_NEAR(after(1e5), 1e5 * rate, 1e-9);
}

TEST(Gateway, AModeIsNotLongerForBeingLeftForAMoment) {
  auto limits = bounds();
  limits.modes.at("track").at_most_seconds = 40;
  limits.orders_per_minute = 600;
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  double tracked = 0;
  for (int t = 1; t < 400; ++t) {
    (void)gateway.take(command(t % 10 == 0 ? "quiet" : "track", t, t), at(t));
    (void)gateway.tick(at(t + 0.5));
    tracked += gateway.ordered()->mode == "track" ? 1 : 0;
  }
  EXPECT_LE(tracked, 240);  // half of the time, and what it begins with
}

TEST(Gateway, WhoeverIsNeverConfirmedIsFound) {
  auto limits = bounds();
  limits.actuator.read_back_file = "mode";
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  (void)gateway.read_back("quiet", at(0.5));
  std::string what;
  for (int t = 1; t < 40 && what != "not-confirmed"; ++t) {
    (void)gateway.take(command(t % 2 == 0 ? "watch" : "track", t, t), at(t));
    what = gateway.tick(at(t + 0.5)).what;
  }
  EXPECT_EQ(what, "not-confirmed");
  EXPECT_EQ(gateway.ordered()->mode, "quiet");
}

}  // namespace

}  // namespace twin::obey::gateway_safety_test
