// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <random>
#include <string>

#include "steer/forecast.h"

namespace forecast_made {

using twin::steer::Forecast;
using twin::steer::Sample;
namespace record = twin::record;

/// A twin that knows of a change at 600(10) K, of 8(2) K; r goes from 3.20 to 3.10 Å in it.
struct Twin {
  Twin() {
    policy.watch = {"r"};
    policy.baseline.emplace();
    policy.forecast = record::PolicyForecast{.horizon_seconds = 300, .above = 0.3, .mode = "track"};
    record::Transition one;
    one.from = "delta";
    one.to = "structure";
    one.in = "temperature";
    one.unit = "K";
    one.at = 600;
    one.at_sigma = 10;
    one.width = 8;
    one.width_sigma = 2;
    transitions = {one};
  }

  void tells(Forecast& forecast, const std::string& structure) const {
    record::ModelRecord model;
    model.header.id = "model-" + structure;
    model.model.potentials = {"pot"};
    model.model.alternative = structure == "structure" ? "" : structure;
    model.model.transitions = transitions;
    forecast.take(model);
    record::State state;
    state.header.id = "state-" + structure;
    state.model = model.header.id;
    forecast.take(state);
    record::Result digital;
    digital.origin = record::Origin::digital;
    digital.header.from = {state.header.id};
    digital.quantities["r"].value = structure == "delta" ? 3.20 : 3.10;
    forecast.take_digital(digital);
  }

  static void matches(Forecast& forecast, int scan, const std::string& structure,
                      record::Answer answer = record::Answer::match) {
    record::Verdict verdict;
    verdict.answer = answer;
    verdict.alternative = structure == "structure" ? "pot" : structure + ":pot";
    verdict.header.from = {"r" + std::to_string(scan), "digital"};
    forecast.take(verdict);
  }

  /// Scan k, of 10 s each, at 2 K/min from 560 K.
  void measures(Forecast& forecast, int k, double converted, const char* unit = "K") {
    record::Result result;
    result.header.id = "r" + std::to_string(k);
    result.context.scan = "s" + std::to_string(k);
    auto& t = result.context.environment["temperature"];
    t.value = kelvin(k) + 0.2 * normal(random);
    t.unit = unit;
    Sample sample;
    sample.value = Eigen::VectorXd::Constant(1, 3.25 - 0.1 * converted + 0.01 * normal(random));
    sample.covariance = Eigen::MatrixXd::Constant(1, 1, 1e-4);
    forecast.take(result, 1000 + 10.0 * k, sample, 1);
  }

  static double kelvin(int k) { return 560 + k / 3.0; }

  record::Policy policy;
  std::vector<record::Transition> transitions;
  std::mt19937_64 random{7};
  std::normal_distribution<> normal;
};

inline double converted(double kelvin, double at) {
  return 1 / (1 + std::exp(-std::log(81.0) * (kelvin - at) / 8));
}

/// Results at these temperatures, 10 s each, from \p k on.
inline void measure(Forecast& forecast, int& k, double from, double to, int count, double way = 0) {
  for (int i = 0; i < count; ++i, ++k) {
    record::Result result;
    result.header.id = "r" + std::to_string(k);
    auto& t = result.context.environment["temperature"];
    t.value = from + (to - from) * i / count;
    t.unit = "K";
    const Sample sample{Eigen::VectorXd::Constant(1, 3.25 - 0.1 * way),
                        Eigen::MatrixXd::Constant(1, 1, 1e-4), 0, 1};
    forecast.take(result, 10.0 * k, sample, 1);
  }
}

}  // namespace forecast_made
