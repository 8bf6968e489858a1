// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// What to do next, given all that was simulated.
struct Step {
  std::optional<record::Model> next;  ///< to be simulated; nothing = the search has ended
  bool confirmation = false;          ///< next is a confirmation run: same parameters, new seed
  record::Verdict verdict;            ///< on the newest evaluation; the final one at the end
};

/// The search as a pure function of its history: Levenberg-Marquardt on the residual vector in each
/// alternative, with the jacobians that the evaluations bring (Broyden where there is none), trust
/// region, noise-aware acceptance, priors and bounds; a confirmation run with a new seed before any
/// MATCH; alternatives (potentials) enumerated outside, each started from the best of the one
/// before; posterior odds between them at the end. Notes/match-and-steer, section 3.
[[nodiscard]] Step decide(const record::Result& measured, const record::Model& model);

}  // namespace twin::match
