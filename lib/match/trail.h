// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// One alternative's part of a history. Which runs confirm and which sit at a bound is also read
/// from the parameters, so that a history survives a program that does not set the flags.
struct Trail {
  std::vector<record::Evaluation> runs;       ///< at equilibrium, to be fitted and judged
  std::vector<record::Evaluation> at_bounds;  ///< made to bound an interval
  int count = 0;                              ///< all of them, whatever they are good for
  bool newest_unequilibrated = false;
};

[[nodiscard]] Trail trail_of(const record::Model& model, const std::string& alternative);

[[nodiscard]] bool same_parameters(const record::Evaluation& a, const record::Evaluation& b);

/// The parameter that an evaluation at a bound has at its lower bound, fractions of phases apart; p
/// when none has.
[[nodiscard]] std::size_t bound_parameter(const record::Evaluation& evaluation,
                                          const record::Model& model);

/// Where to step from, and how far.
struct Footing {
  std::size_t base = 0;              ///< index into runs
  double radius = 0.5;               ///< in parameter ranges
  std::vector<std::size_t> apart{};  ///< runs farther from their base than any step, and no better
};

/// Replays the acceptance of each run: a run worse than the best so far by more than twice the
/// noise of the difference is no footing, and the radius halves; one within the noise or better is,
/// and a radius that was halved doubles again when the gain was real. The noise of χ² is that of
/// the simulation alone, s² = 4 rᵀV⁻¹CV⁻¹r + 2 tr((V⁻¹C)²): the measurement is the same in all.
[[nodiscard]] Footing footing(const record::Result& measured, const record::Model& model,
                              const std::vector<record::Evaluation>& runs,
                              const std::vector<std::string>& names);

}  // namespace twin::match
