// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "match/compare.h"
#include "toy.h"

namespace toy {

namespace match = twin::match;
namespace record = twin::record;

/// Names x0, x1 ... of unit errors, all held back, nothing free.
struct Bench {
  record::Result measured;
  record::Evaluation simulated;
  record::Model model;

  explicit Bench(const std::vector<double>& difference, double sigma = 1.0, double tolerance = 10) {
    simulated.confirmation = true;
    simulated.alternative = "alternative";
    for (std::size_t i = 0; i < difference.size(); ++i) {
      const std::string name = "x" + std::to_string(i);
      measured.quantities[name] = quantity(100, sigma);
      simulated.quantities[name] = quantity(100 + difference[i], 0);
      model.hold_back.push_back(name);
      model.tolerance[name] = {tolerance, "", false};
    }
  }

  [[nodiscard]] record::Verdict verdict() const {
    return match::compare(measured, simulated, model);
  }
};

}  // namespace toy
