// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// Sets a measured result beside a simulated one, like with like.
///
/// Quantities pair when name, unit and method agree; what was asked for and does not pair is said
/// why. z = difference / √V, V = random errors of both + systematic errors (shared by one
/// extraction: the larger of the two, not their sum) + the model's declared discrepancy + what the
/// uncertainty of inputs (a measured temperature that the simulation was given) makes of it through
/// the jacobian. χ² with the full covariance of the fitted, and of the held-back quantities.
///
/// χ² of the fitted data is that of the minimum that the run's own jacobian leads to, where that is
/// within the errors: a run's own noise along the fitted directions tests nothing.
///
/// Degrees of freedom of fitted data: their number, and one for each prior (whose misfit is in χ²),
/// less the free parameters; with none left they carry no evidence and p is empty. Held-back data
/// count fully; where jacobians are there their covariance includes what the fit leaves uncertain.
///
/// A free parameter that the measurement's environment knows is compared too: its value, with the
/// uncertainty of the estimate, beside what was measured. It is judged by its tolerance.
///
/// A free parameter of which the data leave more than 0.9 of what was known before is named in
/// `unobservable`.
///
/// MATCH: p ≥ 0.05 for fitted and held-back data, no |z| > 3, every |difference| + 1.645 √V within
/// its tolerance, nothing asked for left out, and confirmed by a run with a new seed. NO MATCH:
/// p < 0.01, or one |z| beyond Bonferroni's 1 %, or a measured input that the model had to leave by
/// more than its tolerance. INCONCLUSIVE: the rest, among it a free parameter whose 95 % interval
/// reaches its lower bound (named in `unresolved`); not the fraction of a phase, which is there or
/// not by the same evidence whichever structure is the model's own.
///
/// z is simulated - measured, over √V. Equivalence as in bioequivalence tests: D.J. Schuirmann,
/// J. Pharmacokin. Biopharm. 15, 657 (1987), doi:10.1007/BF01068419.
///
/// \throws Error{data} the evaluation lacks a free parameter
[[nodiscard]] record::Verdict compare(const record::Result& measured,
                                      const record::Evaluation& simulated,
                                      const record::Model& model);

}  // namespace twin::match
