// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// Whether the two sides may be judged at all.
struct Fitness {
  bool equilibrated = true;  ///< the simulation
  bool extracted = true;     ///< the measurement's extraction converged
  bool at_bound = false;     ///< run at a bound to bound an interval: says nothing by itself
};

/// Sets answer and reason of a verdict whose numbers are there. The first rule that holds speaks:
/// unfit; beyond doubt; not resolved; a condition left by more than its tolerance; the doubts; what
/// is missing for a MATCH.
void answer(record::Verdict& verdict, const Fitness& fitness, const record::Model& model);

/// Whether quantities speak against the model: beyond doubt (NO MATCH), or with doubt.
[[nodiscard]] bool is_excluded(const record::Verdict& verdict);
[[nodiscard]] bool is_doubtful(const record::Verdict& verdict);

/// How many times as long the simulation should run, where all that is missing for a MATCH is to be
/// sure of the tolerances, and its error is what is in the way of each: alone, or as the larger
/// part.
[[nodiscard]] std::optional<double> simulation_times_as_long(const record::Verdict& verdict);

}  // namespace twin::match
