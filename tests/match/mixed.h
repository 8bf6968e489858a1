// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "match/fractions.h"

namespace mixed {

namespace match = twin::match;
namespace record = twin::record;

/// Phases that each show three numbers; what a mixture shows of them is their mean put through a
/// curve: a square root, as a width is of a variance.
struct Phases {
  std::vector<std::vector<double>> shown;  ///< [phase][quantity], the model's own first
  bool curved = false;
  int evaluations = 0;

  [[nodiscard]] double mean(const std::vector<double>& shares, std::size_t i) const {
    double out = 0;
    for (std::size_t p = 0; p < shown.size(); ++p) out += shares[p] * shown[p][i];
    return out;
  }
  [[nodiscard]] double of(double mean) const { return curved ? std::sqrt(mean) : mean; }
};

inline std::string quantity(std::size_t i) { return "r:X-X." + std::to_string(i + 1); }

inline record::Model model_of(const Phases& phases) {
  record::Model out;
  out.potentials = {"one"};
  for (std::size_t p = 1; p < phases.shown.size(); ++p) {
    const std::string name = "p" + std::to_string(p);
    out.phases.push_back({name, {}, 0});
    out.free.push_back({record::fraction_of(name), 0.2, "", 0, 1, {}, {}});
  }
  for (std::size_t i = 0; i < phases.shown.front().size(); ++i) out.fit_to.push_back(quantity(i));
  return out;
}

inline record::Quantity number(double value, double sigma) {
  return {value, sigma, {}, "Å", "fit", {}};
}

inline record::Evaluation evaluated(Phases& phases, record::Model model,
                                    const match::Fractions& fractions) {
  ++phases.evaluations;
  for (auto& free : model.free)
    if (const auto at = fractions.find(free.name); at != fractions.end()) free.value = at->second;
  const auto shares = record::shares_of(model);
  for (const double share : shares) EXPECT_GE(share, -1e-12);  // else there is no such mixture
  record::Evaluation out;
  for (const auto& free : model.free) {
    out.parameters[free.name] = free.value;
    out.jacobian.columns.push_back(free.name);
  }
  for (std::size_t i = 0; i < phases.shown.front().size(); ++i) {
    const double mean = phases.mean(shares, i);
    out.quantities[quantity(i)] = number(phases.of(mean), 1e-3);
    out.jacobian.rows.push_back(quantity(i));
    for (std::size_t p = 1; p < phases.shown.size(); ++p)
      out.jacobian.matrix.push_back((phases.shown[p][i] - phases.shown[0][i]) *
                                    (phases.curved ? 0.5 / std::sqrt(mean) : 1.0));
  }
  return out;
}

inline record::Result measured_at(const Phases& phases, const std::vector<double>& shares) {
  record::Result out;
  for (std::size_t i = 0; i < phases.shown.front().size(); ++i)
    out.quantities[quantity(i)] = number(phases.of(phases.mean(shares, i)), 0.01);
  return out;
}

inline match::Fractions found(Phases& phases, const record::Result& measured,
                              const record::Model& model) {
  return match::best_fractions(measured, model, [&](const match::Fractions& fractions) {
    return evaluated(phases, model, fractions);
  });
}

}  // namespace mixed
