// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/records.h"

namespace twin::app {

/// One simulation of an earlier search.
struct Simulated {
  record::ModelRecord model;
  record::State state;
  std::optional<record::Result> digital;  ///< what was extracted from it; nothing: not done yet
  std::string source;                     ///< the file
};

/// The simulations in streams that twin-match wrote, in their order, each state once. What a stream
/// lacks since it was cut (a line that is half, a state without its model) is left out, with a
/// warning.
/// \throws Error{no_input} a file is missing
[[nodiscard]] std::vector<Simulated> read_simulated(const std::vector<std::string>& files);

/// In what the two models differ that makes a simulation of one none of the other: "structure",
/// "free" (names, units) ...; "" when they don't. Values, bounds, priors, tolerances, what is
/// fitted, length of runs, budget and seed may differ.
[[nodiscard]] std::string difference_of(const record::Model& a, const record::Model& b);

/// \p b would be simulated as \p a was: values, seed, alternative, length.
[[nodiscard]] bool is_same_run(const record::Model& a, const record::Model& b);

}  // namespace twin::app
