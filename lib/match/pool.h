// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "match/tangent.h"
#include "record/model.h"

namespace twin::match {

/// What all runs together say at the parameters of runs[base]: each is carried there along the
/// tangent, A + J (θ_base - θ), its variance grown by a fifth of the way it was carried, squared
/// (the jacobian's error and the curvature), and averaged by 1/variance for each quantity. So the
/// noise of near runs averages out and far ones drop out. Evaluations of one ensemble (a run and
/// what was reweighted from it) share their noise: of those the one counts that is carried least.
[[nodiscard]] record::Evaluation pooled_at(const std::vector<record::Evaluation>& runs,
                                           std::size_t base, const Tangent& tangent,
                                           const std::vector<std::string>& names,
                                           const record::Model& model);

/// \p run with the elements of \p tangent in its jacobian, the other ones kept.
[[nodiscard]] record::Evaluation with_tangent(record::Evaluation run, const Tangent& tangent,
                                              const std::vector<std::string>& names,
                                              const record::Model& model);

}  // namespace twin::match
