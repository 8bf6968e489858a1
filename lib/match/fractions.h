// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <string>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// Free fractions of phases by their parameters' names.
using Fractions = std::map<std::string, double>;

/// What a mixture of phases that have been simulated shows at these fractions, and its jacobian by
/// them. Costs an extraction, and no simulation.
using Mixed = std::function<record::Evaluation(const Fractions&)>;

/// The fractions of the least χ² of the fitted quantities, all else as it was simulated.
///
/// The spectrum is linear in the fractions, what is fitted to it is not (a distance of the mixture
/// is not the mean of the phases'), but the derivative is known exactly: non-negative least squares
/// with the whole covariance, of the quantities linearised at the fractions before, until these no
/// longer move; halved steps where χ² would grow. Bounds and priors of the parameters hold, and so
/// does that nothing but the phases is there: what is left is the model's own structure. Begun from
/// several mixtures, pure ones among them, so that a minimum of its own is not taken for the least.
///
/// With the other parameters stepped outside this is variable projection: G.H. Golub, V. Pereyra,
/// SIAM Journal on Numerical Analysis 10, 413 (1973), doi:10.1137/0710036.
///
/// \return  what was found; as the model has them where nothing that is fitted tells of them
[[nodiscard]] Fractions best_fractions(const record::Result& measured, const record::Model& model,
                                       const Mixed& mixed);

}  // namespace twin::match
