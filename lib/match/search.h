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
  bool as_asked = false;              ///< next tests just these parameters, fractions among them:
                                      ///< a confirmation, or a run at a bound
  record::Verdict verdict;            ///< on the newest evaluation; the final one at the end
};

/// The search as a pure function of its history: Levenberg-Marquardt on the residual vector in each
/// alternative, with the jacobians that the evaluations bring (secants where there is none, see
/// tangent.h), trust region, noise-aware acceptance, priors and bounds; a confirmation run with a
/// new seed before any MATCH. Alternatives (the model's potentials, in each of its structures) one
/// after the other, each started from the best of the one before; posterior odds between them at
/// the end.
///
/// Nothing is kept between calls: the history is model.history, and the same history gives the same
/// step. R.E. Kass, A.E. Raftery, J. Am. Stat. Assoc. 90, 773 (1995),
/// doi:10.1080/01621459.1995.10476572, for the odds.
[[nodiscard]] Step decide(const record::Result& measured, const record::Model& model);

}  // namespace twin::match
