// SPDX-License-Identifier: GPL-3.0-or-later
#include "obey/gateway.h"

#include <gmock/gmock.h>

#include <cmath>

#include "commands.h"

namespace twin::obey::gateway_test {

using ::testing::HasSubstr;

namespace {

TEST(Gateway, BeginsInTheSafeMode) {
  const auto limits = bounds();
  Gateway gateway(limits);
  const auto answer = gateway.begin(at(0));
  EXPECT_EQ(answer.what, "begin");
  EXPECT_EQ(answer.order, (Order{"quiet", "exafs-full", 600}));
}

TEST(Gateway, ObeysACommandUntilItExpires) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  const auto taken = gateway.take(command("track", 9, 1), at(10));
  EXPECT_EQ(taken.order, (Order{"track", "xanes-quick", 20}));
  EXPECT_THAT(taken.reason, HasSubstr("it changes"));
  EXPECT_TRUE(gateway.tick(at(60)).empty());
  const auto late = gateway.tick(at(69.5));
  EXPECT_EQ(late.what, "safe-mode");
  EXPECT_EQ(late.order->mode, "quiet");
  EXPECT_TRUE(gateway.tick(at(100)).empty());
  // Renewed in time it goes on.
  (void)gateway.take(command("track", 110, 2), at(110));
  EXPECT_EQ(gateway.take(command("track", 150, 3), at(150)).what, "command-taken");
  EXPECT_TRUE(gateway.tick(at(200)).empty());
}

TEST(Gateway, TheSameFileReadTwiceIsNoNews) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  const auto one = command("track", 9);
  EXPECT_TRUE(gateway.take(one, at(10)).order.has_value());
  EXPECT_TRUE(gateway.take(one, at(11)).empty());
}

TEST(Gateway, RefusesWhatIsNoCommandForIt) {
  const auto limits = bounds();
  const auto said = [&](const record::Command& bad) {
    Gateway gateway(limits, {0, midnight + 1});
    (void)gateway.begin(at(0));
    const auto answer = gateway.take(bad, at(100));
    EXPECT_FALSE(answer.order.has_value());
    EXPECT_EQ(answer.what, "command-refused");
    EXPECT_EQ(gateway.ordered()->mode, "quiet");
    return answer.reason;
  };
  EXPECT_THAT(said(command("shutter", 99)), HasSubstr("none of the allowed"));
  EXPECT_THAT(said(command("track", 0.5)), HasSubstr("expired"));
  EXPECT_THAT(said(command("track", 0.5, 1, 119)), HasSubstr("not newer"));
  EXPECT_THAT(said(command("track", 106)), HasSubstr("future"));
  EXPECT_THAT(said(command("track", 99, 1, 1e9)), HasSubstr("time to live"));
  EXPECT_THAT(said(command("track", 99, 1, -1)), HasSubstr("time to live"));
  EXPECT_THAT(said(command("track", 99, 1, std::nan(""))), HasSubstr("time to live"));
  auto timeless = command("track", 99);
  timeless.header.time = "2026-11-31T00:00:00Z";
  EXPECT_THAT(said(timeless), HasSubstr("when it was issued"));
  for (const auto& [every, words] : std::vector<std::pair<std::string, std::string>>{
           {"5 s", "an interval of 5 s"}, {"2 h", "10 to 3600 s are allowed"}, {"soon", "soon"}}) {
    auto far = command("track", 99);
    far.details = record::Value{record::Value::Object{}};
    far.details.set("every", every);
    EXPECT_THAT(said(far), HasSubstr(words));
  }
}

TEST(Gateway, SequenceNumbersOfAWriterRise) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  EXPECT_TRUE(gateway.take(command("track", 9, 7), at(10)).order.has_value());
  EXPECT_EQ(gateway.take(command("watch", 11, 7), at(11)).what, "command-refused");
  EXPECT_EQ(gateway.take(command("watch", 8, 8), at(12)).what, "command-refused");  // issued before
  auto other = command("watch", 12, 1);  // twin-steer was started anew
  other.header.by = "another";
  EXPECT_TRUE(gateway.take(other, at(12)).order.has_value());
}

TEST(Gateway, IntervalsShrinkNoFasterThanTheSlew) {
  auto limits = bounds();
  limits.slew_factor = 2;
  limits.slew_seconds = 10;
  limits.orders_per_minute = 100;
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  std::vector<double> intervals{gateway.ordered()->every_seconds};
  std::int64_t sequence = 0;
  for (double t = 10; t < 200; t += 1) {
    auto answer = std::fmod(t, 20) == 10 ? gateway.take(command("track", t, ++sequence), at(t))
                                         : gateway.tick(at(t));
    if (answer.order) intervals.push_back(answer.order->every_seconds);
  }
  EXPECT_DOUBLE_EQ(intervals.back(), 20);
  EXPECT_GT(intervals.size(), 6U);  // ln 30 / ln 2
  for (std::size_t i = 1; i < intervals.size(); ++i)
    EXPECT_LE(intervals[i - 1] / intervals[i], 2 + 1e-9);
  // Back at once.
  EXPECT_DOUBLE_EQ(gateway.take(command("quiet", 200, ++sequence), at(200)).order->every_seconds,
                   600);
}

// A process variable has the mode alone: an interval that nobody hears of is none.
TEST(Gateway, WhereNoIntervalIsToldItIsTheModesOwn) {
  auto limits = bounds();
  limits.slew_factor = 2;
  limits.slew_seconds = 10;
  limits.dose_budget = 1e6;
  limits.actuator.pv = "T:mode";
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  const auto every = [](record::Command command, const std::string& text) {
    command.details = record::Value{record::Value::Object{}};
    command.details.set("every", text);
    return command;
  };
  const auto slow = gateway.take(every(command("track", 1, 1), "10 min"), at(1));
  EXPECT_EQ(slow.what, "command-refused");
  EXPECT_NE(slow.reason.find("no other than the mode's own, 20 s"), std::string::npos);
  const auto own = gateway.take(every(command("track", 2, 2), "0.3333333333 min"), at(2));
  ASSERT_TRUE(own.order);
  EXPECT_EQ(own.order->every_seconds, 20);  // at once: the beamline does not slew
  // Of 60 s there are three scans.
  EXPECT_NEAR(gateway.memory(at(62)).dose_Gy - gateway.memory(at(2)).dose_Gy, 0.3, 1e-9);
  // The safe mode is never refused for its interval.
  EXPECT_EQ(gateway.take(every(command("quiet", 63, 3), "1 min"), at(63)).order->every_seconds,
            600);
  for (const auto& program : {std::vector<std::string>{"set", "{mode}"}, {"set", "{every}"}}) {
    limits.actuator.program = program;
    Gateway other(limits);
    (void)other.begin(at(0));
    EXPECT_EQ(other.take(every(command("track", 1, 1), "10 min"), at(1)).order.has_value(),
              program[1] == "{every}");
  }
}

TEST(Gateway, ChangesKeepTheirDwellAndTheirNumber) {
  auto limits = bounds();
  limits.dwell_seconds = 30;
  Gateway dwelling(limits);
  (void)dwelling.begin(at(0));
  EXPECT_EQ(dwelling.take(command("watch", 10, 1), at(10)).what, "command-taken");
  EXPECT_TRUE(dwelling.tick(at(29)).empty());
  EXPECT_EQ(dwelling.tick(at(30)).order->mode, "watch");
  EXPECT_FALSE(dwelling.take(command("track", 31, 2), at(31)).order.has_value());
  EXPECT_EQ(dwelling.take(command("quiet", 32, 3), at(32)).order->mode, "quiet");  // always

  limits = bounds();
  limits.orders_per_minute = 5;
  Gateway counting(limits);
  (void)counting.begin(at(0));
  int orders = 0;
  for (int i = 1; i < 50; ++i) {
    const auto* mode = i % 2 == 1 ? "watch" : "track";
    if (counting.take(command(mode, i, i), at(i)).order) ++orders;
  }
  EXPECT_EQ(orders, 4);  // and the first one
}

TEST(Gateway, AModeLastsNoLongerThanItMay) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  std::int64_t sequence = 0;
  double ended = 0, began_again = 0;
  for (double t = 10; t < 6000; t += 10) {
    auto answer = gateway.take(command("track", t, ++sequence), at(t));
    if (answer.empty() || !answer.order) answer = gateway.tick(at(t));
    if (answer.order && answer.order->mode == "quiet") ended = t;
    if (ended > 0 && answer.order && answer.order->mode == "track" && began_again == 0)
      began_again = t;
  }
  EXPECT_NEAR(ended, 1810, 3600 + 20);
  EXPECT_GE(began_again, 1810 + 1800);
}

TEST(Gateway, ADoseIsSpentOnce) {
  auto limits = bounds();
  limits.dose_budget = 10;
  limits.dose_reserve = 0.2;
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  std::int64_t sequence = 0;
  double t = 10;
  for (; t < 5000 && gateway.memory(at(t)).dose_Gy < 7.9; t += 10)
    (void)gateway.take(command("watch", t, ++sequence), at(t));
  for (; t < 5400; t += 10) (void)gateway.take(command("watch", t, ++sequence), at(t));
  EXPECT_EQ(gateway.ordered()->mode, "quiet");
  // Also after a restart.
  Gateway again(limits, gateway.memory(at(t)));
  (void)again.begin(at(t));
  EXPECT_THAT(again.take(command("watch", t, 1), at(t)).reason, HasSubstr("a dose of 8"));
  EXPECT_EQ(again.ordered()->mode, "quiet");
}

TEST(Gateway, AnOperatorWins) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  (void)gateway.take(command("track", 9, 1), at(10));
  EXPECT_EQ(gateway.overridden(true, at(11)).what, "operator-override");
  EXPECT_EQ(gateway.take(command("watch", 12, 2), at(12)).what, "command-refused");
  EXPECT_TRUE(gateway.tick(at(500)).empty());
  EXPECT_TRUE(gateway.clock_jumped(at(501)).empty());
  EXPECT_TRUE(gateway.end(at(502)).empty());
  EXPECT_EQ(gateway.overridden(false, at(503)).what, "operator-release");
  EXPECT_TRUE(gateway.take(command("watch", 504, 3), at(504)).order.has_value());
}

TEST(Gateway, WithoutABeamItIsSafeAndWaits) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  (void)gateway.take(command("track", 9, 1), at(10));
  const auto lost = gateway.suspended(true, at(20));
  EXPECT_EQ(lost.what, "no-beam");
  EXPECT_EQ(lost.order->mode, "quiet");
  EXPECT_FALSE(gateway.take(command("track", 21, 2), at(21)).order.has_value());
  // To be armed anew brings none back.
  (void)gateway.disarm(at(22));
  const auto armed = gateway.begin(at(23));
  EXPECT_EQ(armed.what, "no-beam");
  EXPECT_EQ(armed.order->mode, "quiet");
  (void)gateway.overridden(true, at(24));
  EXPECT_EQ(gateway.begin(at(25)).what, "no-beam");
  (void)gateway.overridden(false, at(26));
  EXPECT_EQ(gateway.suspended(false, at(30)).what, "beam-back");
  EXPECT_EQ(gateway.begin(at(31)).what, "begin");
  EXPECT_FALSE(gateway.take(command("track", 60, 3), at(60)).order.has_value());
  EXPECT_EQ(gateway.tick(at(91)).order->mode, "track");
}

TEST(Gateway, WhatTheBeamlineSaysCounts) {
  auto limits = bounds();
  limits.actuator.read_back_file = "mode";
  Gateway silent(limits);
  (void)silent.begin(at(0));
  EXPECT_TRUE(silent.tick(at(9)).empty());
  EXPECT_EQ(silent.tick(at(11)).what, "not-confirmed");
  EXPECT_EQ(silent.take(command("track", 12, 1), at(12)).what, "command-refused");

  Gateway changed(limits);
  (void)changed.begin(at(0));
  EXPECT_EQ(changed.read_back("quiet", at(1)).what, "mode-confirmed");
  EXPECT_EQ(changed.take(command("track", 2, 1), at(2)).order->mode, "track");
  EXPECT_TRUE(changed.read_back("quiet", at(3)).empty());  // not there yet
  EXPECT_EQ(changed.read_back("track", at(4)).what, "mode-confirmed");
  EXPECT_EQ(changed.read_back("watch", at(5)).what, "manual-change");
  EXPECT_TRUE(changed.tick(at(500)).empty());
  EXPECT_TRUE(changed.end(at(501)).empty());

  Gateway away(limits);  // an order did not arrive, for a hand had been there meanwhile
  (void)away.begin(at(0));
  (void)away.read_back("quiet", at(1));
  (void)away.take(command("track", 2, 1), at(2));
  EXPECT_FALSE(away.confirmed());
  EXPECT_TRUE(away.failed("it was away", at(3)).order);
  EXPECT_EQ(away.read_back("watch", at(3), true).what, "manual-change");
  EXPECT_TRUE(away.failed("it was away", at(5)).empty());
  EXPECT_TRUE(away.end(at(6)).empty());
}

TEST(Gateway, AClockThatJumpsIsNoReasonToTrustACommand) {
  const auto limits = bounds();
  Gateway gateway(limits);
  (void)gateway.begin(at(0));
  (void)gateway.take(command("track", 9, 1), at(10));
  EXPECT_EQ(gateway.clock_jumped(at(11)).order->mode, "quiet");
  EXPECT_TRUE(gateway.tick(at(12)).empty());
  EXPECT_EQ(gateway.end(at(13)).what, "safe-mode");
}

}  // namespace

}  // namespace twin::obey::gateway_test
