// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/time.h"
#include "steer/curve_scores.h"
#include "steer/follow.h"

/// Made curves for tests of their scores.
namespace made_curves {

using namespace twin;
using namespace twin::steer;

inline record::Policy policy(int components = 2) {
  record::Policy out;
  out.watch = {"score:1", "score:rest"};
  out.baseline = record::PolicyBaseline{.samples = 30, .drifts = false, .drift_in = ""};
  out.per_samples = 100;
  out.scores = record::PolicyScores{"norm", "energy", {}, components, "", 12};
  return out;
}

/// A stream of curves, scored and followed.
struct Stream {
  explicit Stream(unsigned seed, const record::Policy& watched = policy())
      : random(seed), asked(watched), follow(asked), scores(asked, {}, "") {}

  record::Result next(double peak = 0) {
    record::Result out;
    out.header.id = "id" + std::to_string(k);
    out.header.time = utc_of(1.7e9 + 10 * k);
    out.context.scan = "s" + std::to_string(k++);
    auto &energy = out.arrays["energy"].data, &norm = out.arrays["norm"].data;
    for (int i = 0; i < 60; ++i) {
      energy.push_back(100 + i);
      norm.push_back(1 + peak * std::exp(-std::pow((i - 30) / 4.0, 2)) + 0.01 * normal(random));
    }
    return out;
  }

  /// What is there of it when it was scored.
  record::Result take(const record::Result& whole) {
    record::Result matter = whole;
    matter.arrays.clear();
    const auto scored = scores.add_to(matter, whole, &follow);
    state = scored.state;
    why = scored.why;
    for (auto& found : follow.add(matter))
      if (auto* event = std::get_if<record::Event>(&found))
        events.push_back(event->what);
      else
        gaps.push_back(std::get<record::Gap>(found).reason);
    scores.hear(follow);
    return matter;
  }

  void take(int count, double peak = 0) {
    for (int i = 0; i < count; ++i) last = take(next(peak));
  }

  [[nodiscard]] const std::string& method() { return last.quantities.at("score:1").method; }
  [[nodiscard]] bool known() { return last.quantities.at("score:1").value.has_value(); }

  std::mt19937_64 random;
  std::normal_distribution<> normal;
  record::Policy asked;
  Follow follow;
  CurveScores scores;
  record::Result last;
  Scored::State state{};
  std::string why;
  std::vector<std::string> events, gaps;
  int k = 0;
};

}  // namespace made_curves
