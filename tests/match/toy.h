// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "match/search.h"

/// A laboratory of two spaces whose truth is known: quantities are formulas, simulations have
/// noise.
namespace toy {

using twin::record::Evaluation;
using twin::record::Model;
using twin::record::Quantity;
using twin::record::Result;

inline constexpr auto r = "r:X-X.1";
inline constexpr auto sigma2 = "sigma2:X-X.1";
inline constexpr auto n = "n:X-X.1";

inline Quantity quantity(double value, double sigma, const std::string& unit = "") {
  Quantity out;
  out.value = value;
  out.sigma = sigma;
  out.unit = unit;
  out.method = "fit";
  return out;
}

/// Like a metal's first shell: distance follows the lattice, motion goes as T a^10 over stiffness.
struct Metal {
  double stiffness = 1.0;
  double noise_r = 4e-4, noise_sigma2 = 6e-5;
  double jacobian_noise = 0.2;  ///< relative
  bool with_jacobian = true;
  double floor = 0.0;  ///< of sigma2: motion that temperature does not freeze out

  [[nodiscard]] double distance(double a, double t) const { return 0.71 * a - 5.5e-5 * t; }
  [[nodiscard]] double motion(double a, double t) const {
    const double classical = 0.0079 * t / 300 * std::pow(a / 3.611, 10) / stiffness;
    return std::hypot(classical, floor);
  }
};

inline double temperature_of(const Model& model, const std::map<std::string, double>& parameters) {
  const auto at = parameters.find("temperature");
  return at == parameters.end() ? model.temperature.value() : at->second;
}

inline Evaluation simulate(const Metal& metal, const Model& model) {
  std::mt19937_64 random(static_cast<std::uint64_t>(model.seed));
  std::normal_distribution<double> normal;
  Evaluation out;
  out.alternative = model.potential;
  out.seed = model.seed;
  for (const auto& parameter : model.free) out.parameters[parameter.name] = parameter.value;
  const double a = out.parameters.at("a"), t = temperature_of(model, out.parameters);
  const double motion = metal.motion(a, t),
               classical = motion > 0 ? 1 - std::pow(metal.floor / motion, 2) : 1;
  out.quantities[r] =
      quantity(metal.distance(a, t) + metal.noise_r * normal(random), metal.noise_r, "Å");
  out.quantities[sigma2] =
      quantity(motion + metal.noise_sigma2 * normal(random), metal.noise_sigma2, "Å²");
  out.quantities[n] = quantity(12 + 0.02 * normal(random), 0.02);
  if (!metal.with_jacobian) return out;
  out.jacobian.rows = {r, sigma2, n};
  out.jacobian.columns = {"a", "temperature"};
  for (const double element :
       {0.71, -5.5e-5, 10 * motion * classical / a, motion * classical / t, 0.0, 0.0})
    out.jacobian.matrix.push_back(element * (1 + metal.jacobian_noise * normal(random)));
  return out;
}

inline Result measure(const Metal& metal, double a, double t, unsigned seed) {
  std::mt19937_64 random(seed + 77777);
  std::normal_distribution<double> normal;
  Result out;
  out.context.scan = "0412";
  out.quantities[r] = quantity(metal.distance(a, t) + 0.0022 * normal(random), 0.0022, "Å");
  out.quantities[sigma2] = quantity(metal.motion(a, t) + 2.8e-4 * normal(random), 2.8e-4, "Å²");
  out.quantities[n] = quantity(12 + 0.4 * normal(random), 0.4);
  return out;
}

inline Model model_of(bool temperature_free) {
  Model out;
  out.potentials = {"soft"};
  out.free.push_back({"a", 3.69, "Å", 3.4, 3.9, {}, {}});
  if (temperature_free)
    out.free.push_back({"temperature", 590.0, "K", 1.0, 1500.0, {}, {}});
  else
    out.temperature = 300.0;
  out.fit_to = {r, sigma2};
  out.hold_back = {n};
  out.tolerance[r] = {0.015, "Å", false};
  out.tolerance[sigma2] = {0.0015, "Å²", false};
  out.tolerance[n] = {1.5, "", false};
  out.tolerance["temperature"] = {60.0, "K", false};
  out.budget = 8;
  return out;
}

struct Search {
  twin::record::Verdict verdict;
  Model model;  ///< with its whole history
};

/// Simulates what is asked for until the search ends; \p metals by alternative.
inline Search search(const Result& measured, Model model,
                     const std::function<Metal(const std::string&)>& metals) {
  for (int guard = 0; guard < 100; ++guard) {
    const auto step = twin::match::decide(measured, model);
    if (!step.next) return {step.verdict, model};
    model = *step.next;
    Evaluation run = simulate(metals(model.potential), model);
    run.confirmation = step.confirmation;
    model.history.push_back(run);
  }
  return {};
}

inline Search search(const Result& measured, const Model& model, const Metal& metal) {
  return search(measured, model, [&](const std::string&) { return metal; });
}

}  // namespace toy
