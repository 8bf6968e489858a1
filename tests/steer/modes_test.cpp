// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/modes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace twin;
using namespace twin::steer;

namespace modes_test {

namespace {

record::Policy policy(bool all) {
  record::Policy out;
  out.modes["quiet"] = {
      .scan = "full", .every_seconds = 600, .dose_Gy = 1, .most_seconds = {}, .details = {}};
  out.modes["track"] = {
      .scan = "quick", .every_seconds = 20, .dose_Gy = 5, .most_seconds = 1000, .details = {}};
  if (all) out.modes["watch"] = out.modes["cool-down"] = out.modes["quiet"];
  out.quiet = out.safe_mode = "quiet";
  out.track = "track";
  return out;
}

/// The modes as they are asked for, "" where nothing new is.
std::vector<std::string> asked(Modes& modes, const std::vector<Outlook>& outlooks) {
  std::vector<std::string> out;
  for (const auto& outlook : outlooks) {
    modes.spend();
    const auto wish = modes.take(outlook);
    out.push_back(wish ? wish->mode : "");
  }
  return out;
}

using Words = std::vector<std::string>;

TEST(Modes, FollowWhatTheStreamSays) {
  const auto p = policy(true);
  Modes modes(p);
  EXPECT_EQ(asked(modes, {{0, false, 9},
                          {10, false, 2},
                          {20, true, 0},
                          {30, true, 0},
                          {40, false, 9},
                          {50, false, 9}}),
            (Words{"quiet", "watch", "track", "", "cool-down", "quiet"}));
}

TEST(Modes, WithoutWatchAndCoolDownThereIsQuiet) {
  const auto p = policy(false);
  Modes modes(p);
  EXPECT_EQ(asked(modes, {{0, false, 9}, {10, false, 2}, {20, true, 0}, {40, false, 9}}),
            (Words{"quiet", "", "track", "quiet"}));
}

TEST(Modes, AreLeftOnlyAfterASilence) {
  auto p = policy(true);
  p.hold_seconds = 100;
  Modes modes(p);
  // Between 3 and 6 below an alarm nothing is left and nothing begins.
  EXPECT_EQ(asked(modes, {{0, false, 9},
                          {10, false, 2},
                          {20, false, 4},
                          {200, false, 5},
                          {210, false, 7},
                          {250, false, 7},
                          {301, false, 7}}),
            (Words{"quiet", "watch", "", "", "", "", "quiet"}));
}

TEST(Modes, DwellButTrackingBeginsAtOnce) {
  auto p = policy(true);
  p.dwell_seconds = 60;
  Modes modes(p);
  EXPECT_EQ(asked(modes, {{0, false, 9},
                          {10, false, 2},
                          {61, false, 2},
                          {62, true, 0},
                          {70, false, 9},
                          {123, false, 9}}),
            (Words{"quiet", "", "watch", "track", "", "cool-down"}));
}

TEST(Modes, TrackingEndsWhenItsTimeIsOverAndDoesNotComeBackForTheSameChange) {
  const auto p = policy(true);
  Modes modes(p);
  EXPECT_EQ(asked(modes, {{0, false, 9},
                          {10, true, 0},
                          {900, true, 0},
                          {1010, true, 0},
                          {1020, true, 0},
                          {1030, false, 9},
                          {1040, true, 0}}),
            (Words{"quiet", "track", "", "cool-down", "quiet", "", "track"}));
}

TEST(Modes, OnlyTheSafeModeWhenTheDoseIsSpent) {
  auto p = policy(true);
  p.safe_mode = "safe";
  p.modes["safe"] = {
      .scan = "none", .every_seconds = 3600, .dose_Gy = 0, .most_seconds = {}, .details = {}};
  p.dose_budget = 20;
  p.dose_reserve = 0.2;
  Modes modes(p, 4);
  EXPECT_EQ(asked(modes, {{0, false, 9},
                          {10, true, 0},
                          {20, true, 0},
                          {30, true, 0},
                          {40, true, 0},
                          {50, false, 9}}),
            (Words{"quiet", "track", "safe", "", "", "cool-down"}));
  // One more of the tracking mode would have been too much; one of the other just is not.
  EXPECT_DOUBLE_EQ(modes.dose_Gy(), 4 + 5 + 1 + 5 + 0 + 0 + 0);
}

TEST(Modes, WhatWasCountedBeforeIsNotAgain) {
  const auto p = policy(true);
  Modes modes(p, 7);
  (void)modes.take({0, false, 9});
  (void)modes.take({1, false, 9});
  EXPECT_DOUBLE_EQ(modes.dose_Gy(), 7);
}

TEST(Modes, AskForThatOfAForecastAsLongAsATransitionIsExpected) {
  auto one = policy(true);
  one.forecast = record::PolicyForecast{.horizon_seconds = 600, .above = 0.3, .mode = "track"};
  one.modes["quiet"].dose_Gy = 0;
  Modes modes(one);
  const auto at = [&](double time, bool expected, bool changing = false) {
    const auto wish = modes.take({time, changing, 50, expected, "soon"});
    return wish ? wish->mode + ": " + wish->reason : "";
  };
  EXPECT_EQ(at(0, false), "quiet: nothing changes");
  EXPECT_EQ(at(10, true), "track: soon");
  EXPECT_EQ(at(20, true), "");
  EXPECT_EQ(at(30, true, true), "");  // found: the same mode, for another reason
  EXPECT_EQ(at(1000, true, true), "");
  EXPECT_EQ(at(1040, true, true), "cool-down: the mode has lasted as long as it may");
  EXPECT_EQ(at(1050, true, true), "quiet: nothing changes");
  EXPECT_EQ(at(1060, true, true), "");  // no forecast brings it back
  EXPECT_EQ(at(1070, false), "");
  // The change is over, the forecast is not: it does not bring the mode back either.
  EXPECT_EQ(at(1100, true, true), "track: a change is going on");
  EXPECT_EQ(at(2200, true, true), "cool-down: the mode has lasted as long as it may");
  EXPECT_EQ(at(2300, true), "quiet: nothing changes");
  EXPECT_EQ(at(2400, true), "");
  EXPECT_EQ(at(2500, false), "");
  // A forecast that stays up tires too, until it was down.
  EXPECT_EQ(at(3000, true), "track: soon");
  EXPECT_EQ(at(4100, true), "cool-down: the mode has lasted as long as it may");
  EXPECT_EQ(at(4200, true), "quiet: nothing changes");
  EXPECT_EQ(at(4300, false), "");
  EXPECT_EQ(at(4400, true), "track: soon");
  EXPECT_EQ(at(4500, false), "cool-down: what there was is over");
}

}  // namespace

}  // namespace modes_test
