// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// Sets a measured result beside a simulated one, like with like.
///
/// Quantities pair when name, unit and method agree and the recipes are one; what does not pair is
/// said why. z = difference / √V, V = random errors of both + systematic errors (shared by one
/// extraction: the larger of the two, not their sum) + the model's declared discrepancy + what the
/// uncertainty of inputs (a measured temperature that the simulation was given) makes of it through
/// the jacobian. χ² with the full covariance of the fitted, and of the held-back quantities.
///
/// MATCH: p ≥ 0.05 for fitted and held-back data, no |z| > 3, every |difference| + 1.645 √V within
/// its tolerance, confirmed. NO MATCH: p < 0.01, or one |z| beyond Bonferroni's 1 %, or a measured
/// input that the model had to leave by more than its tolerance. INCONCLUSIVE: the rest.
/// Notes/match-and-steer, section 4.
[[nodiscard]] record::Verdict compare(const record::Result& measured,
                                      const record::Evaluation& simulated,
                                      const record::Model& model);

}  // namespace twin::match
