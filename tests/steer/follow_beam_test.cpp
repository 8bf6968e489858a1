// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway to the beamline tells of the beam.
#include <gtest/gtest.h>

#include <random>
#include <variant>

#include "core/time.h"
#include "steer/follow.h"

using namespace twin;

namespace follow_beam_test {

namespace {

/// A second each; r steps by 0.02 Å, which the beam did, while it was away.
class Series {
 public:
  record::Result at(int k) {
    record::Result out;
    out.header.id = "id" + std::to_string(k);
    out.context.scan = "s" + std::to_string(k);
    out.measured_at = utc_of(1.7e9 + k);
    out.quantities["r:Pb-I.1"] = {
        3.18 + (k >= 100 ? 0.02 : 0) + 0.004 * normal_(random_), 0.004, {}, "Å", "exafs-fit", {}};
    return out;
  }

 private:
  std::mt19937_64 random_{9};
  std::normal_distribution<> normal_;
};

TEST(Follow, WithoutABeamNothingIsASampleAndBehindItAMeanIsLearnt) {
  record::Policy policy;
  policy.watch = {"r:Pb-I.1"};
  policy.baseline = record::PolicyBaseline{.samples = 30, .drifts = false, .drift_in = ""};
  for (const bool told : {false, true}) {
    steer::Follow follow(policy);
    Series series;
    int changes = 0, gaps = 0;
    const auto tell = [&](const char* what, int k) {
      record::Event event;
      event.what = what;
      event.second = utc_of(1.7e9 + k);
      if (told) follow.take(event);
    };
    for (int k = 0; k < 200; ++k) {
      if (k == 95) tell("no-beam", k);
      if (k == 98) tell("no-beam", k);       // once more, of a program that was started anew
      if (k == 100) tell("beam-back", 101);  // before the last scan's result comes
      if (k == 150) tell("begin", k);        // it had not been lost
      for (const auto& out : follow.add(series.at(k))) {
        const auto* event = std::get_if<record::Event>(&out);
        if (event != nullptr && event->what == "change") ++changes;
        if (event == nullptr) ++gaps;
      }
      EXPECT_EQ(follow.informed(), !told || k < 95 || k > 101) << k;
    }
    EXPECT_EQ(changes, told ? 0 : 1);
    EXPECT_EQ(gaps, told ? 7 : 0);
  }
}

}  // namespace

}  // namespace follow_beam_test
