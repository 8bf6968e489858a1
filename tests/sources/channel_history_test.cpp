// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/channel_history.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "sources/channel_news.h"

using namespace twin;
using namespace twin::sources;

namespace channel_history_test {
namespace {

ChannelHistory steps() {
  ChannelHistory out;
  out.add({.from = 100, .value = 1});
  out.add({.from = 110, .value = 2, .severity = 2, .alarm = 3});
  out.add({.from = 140, .why = NoValue::disconnected});
  out.add({.from = 150, .value = 7, .stamp = 149});
  return out;
}

TEST(ChannelHistory, AMeanIsTheIntegralOverTheTime) {
  const auto all = steps();
  const auto mean = all.over(105, 125, 10);
  ASSERT_TRUE(mean.value);
  EXPECT_DOUBLE_EQ(*mean.value, (5 * 1 + 15 * 2) / 20.0);
  EXPECT_NEAR(mean.spread, std::sqrt(0.25 * 0.75), 1e-12);
  EXPECT_EQ(mean.samples, 2U);
  EXPECT_EQ(mean.severity, 2);
  EXPECT_DOUBLE_EQ(mean.missing_seconds, 0);
  // It does not depend on where it is cut: ∫ over the whole = ∑ ∫ over its parts.
  const auto whole = all.over(100, 160, 10), left = all.over(100, 120, 10),
             right = all.over(120, 160, 10);
  EXPECT_DOUBLE_EQ(whole.missing_seconds, 10);
  EXPECT_NEAR(*whole.value * 50, *left.value * 20 + *right.value * 30, 1e-9);
}

TEST(ChannelHistory, AGapOfMoreThanHalfIsNoValue) {
  const auto all = steps();
  const auto half = all.over(130, 150.1, 10);
  EXPECT_TRUE(half.value);
  const auto more = all.over(131, 150, 10);
  EXPECT_FALSE(more.value);
  EXPECT_EQ(more.why, NoValue::disconnected);
  EXPECT_DOUBLE_EQ(more.missing_seconds, 10);
  // Before anything was known.
  EXPECT_EQ(all.over(50, 105, 10).why, NoValue::unknown);
}

TEST(ChannelHistory, WhatHeldAtAnInstant) {
  const auto all = steps();
  EXPECT_EQ(all.at(109.9, 0).value, 1);
  EXPECT_EQ(all.at(110, 0).value, 2);
  EXPECT_EQ(all.at(145, 0).why, NoValue::disconnected);
  EXPECT_EQ(all.at(1e9, 0).value, 7);
  EXPECT_EQ(all.at(95, 10).value, 1);  // the first that is known came within 10 s
  EXPECT_EQ(all.at(89, 10).why, NoValue::unknown);
  EXPECT_EQ(all.over(80, 95, 10).value, 1);
  EXPECT_EQ(all.over(120, 120, 10).value, 2);
  EXPECT_EQ(ChannelHistory().over(0, 1, 1e9).why, NoValue::unknown);
}

// It is set back: what is said afterwards holds now, and not when it will be so late once more.
TEST(ChannelHistory, AClockThatIsSetBackForgetsWhatIsToCome) {
  auto all = steps();
  all.add({.from = 115, .value = 9});
  EXPECT_EQ(all.at(112, 0).value, 2);
  EXPECT_EQ(all.at(115, 0).value, 9);
  EXPECT_EQ(all.at(149, 0).value, 9);
  EXPECT_EQ(all.newest().value, 9);
}

TEST(ChannelHistory, NothingThatIsNotFiniteComesOut) {
  ChannelHistory all;
  all.add({.from = 0, .value = 1e308});
  all.add({.from = 1, .value = -1e308});
  EXPECT_EQ(all.over(0, 2, 0).why, NoValue::not_finite);
}

TEST(ChannelNews, ComesBackAndIsRefusedWhenCut) {
  const ChannelNews news{.kind = ChannelNews::Kind::properties,
                         .channel = 3,
                         .request = 9,
                         .value = 1.5,
                         .stamp = 1.8e9,
                         .severity = 2,
                         .alarm = 4,
                         .lower = -1,
                         .upper = 1,
                         .writable = true,
                         .type = 6,
                         .elements = 1,
                         .unit = "°C",
                         .text = "no"};
  const std::string body = encode_news(news);
  EXPECT_EQ(decode_news(body), news);
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_THROW((void)decode_news(body.substr(0, size)), Error) << size;
  EXPECT_THROW((void)decode_news(body + "x"), Error);
  auto hostile = news;
  hostile.unit = "\x1b[2J";
  EXPECT_THROW((void)decode_news(encode_news(hostile)), Error);
  hostile = news;
  hostile.severity = 4;
  EXPECT_THROW((void)decode_news(encode_news(hostile)), Error);
  hostile = news;
  hostile.stamp = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW((void)decode_news(encode_news(hostile)), Error);
}

TEST(ChannelNews, UnitsAreComparedByWhatTheyMean) {
  EXPECT_EQ(other_unit("K", "K", {}), "");
  EXPECT_EQ(other_unit("degC", "°C", {}), "");
  EXPECT_EQ(other_unit("", "", {}), "");
  EXPECT_EQ(other_unit("C", "K", {}), "is in \"C\"; \"K\" is expected");
  EXPECT_EQ(other_unit("A", "Å", {}), "is in \"A\"; \"Å\" is expected");
  EXPECT_EQ(other_unit("", "K", {}), "has no unit; \"K\" is expected");
  // 7 bytes are handed over.
  EXPECT_EQ(other_unit("degrees", "°C", "degrees Celsius"), "");
  EXPECT_NE(other_unit("K", "K", "Kelvin"), "");
}

}  // namespace

}  // namespace channel_history_test
