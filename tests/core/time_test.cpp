// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/time.h"

#include <gtest/gtest.h>

using namespace twin;

namespace time_test {
namespace {

TEST(Time, AnInstantNeedsAZone) {
  const auto utc = parse_utc("2026-11-30T08:00:00Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(parse_instant("2026-11-30T08:00:00Z"), utc);
  EXPECT_EQ(parse_instant("2026-11-30T16:00:00+08:00"), utc);
  EXPECT_EQ(parse_instant("2026-11-30T04:30:00.500-03:30"), *utc + 0.5);
  for (const auto* none :
       {"", "Z", "2026-11-30T08:00:00", "2026-11-30T08:00:00+8:00", "2026-11-30 08:00:00+08:00",
        "2026-11-30T08:00:00+0800", "2026-13-30T08:00:00+08:00", "+08:00", "\xff\xff+08:00"})
    EXPECT_FALSE(parse_instant(none)) << none;
}

}  // namespace

}  // namespace time_test
