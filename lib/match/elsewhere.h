// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>

#include "match/survey.h"
#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// A place in the box, and what is expected of it.
struct Place {
  Eigen::VectorXd parameters;   ///< [p] in model.free's order and units
  double implausibility = 0.0;  ///< χ² of the expected run, its uncertainty counted as an error
  double improvement = 0.0;     ///< expected decrease of χ² below the least one known
};

/// Whether the box may hold a fit that the tangent does not lead to, and where.
///
/// History matching rules out: a surrogate of each fitted quantity (not of χ²) is made of all runs
/// of one alternative and of the tangent at the base, and a place is plausible while its χ², with
/// what the surrogate does not know as a further error, has p > 0.01. I. Vernon, M. Goldstein, R.G.
/// Bower, Bayesian Anal. 5, 619 (2010). Composite Bayesian optimisation chooses among the plausible
/// ones that of the greatest expected improvement. R. Astudillo, P. Frazier, Proc. Mach. Learn.
/// Res. 97, 354 (2019).
///
/// The same runs give the same place.
///
/// \return nothing where no place that was looked at is plausible, a parameter has no bounds, or
///         nothing is fitted
[[nodiscard]] std::optional<Place> most_promising(const record::Result& measured,
                                                  const record::Model& model, const Survey& survey);

}  // namespace twin::match
