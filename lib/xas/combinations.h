// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "xas/lcf.h"

namespace twin::xas {

/// One set of standards of many.
struct LcfCombination {
  LcfFit fit;
  double criterion = 0.0;  ///< AIC or BIC; lower is better
  double weight = 0.0;     ///< exp(-Δ/2), the sum over all sets is one
};

/// Fits of every set of one to settings.largest standards, best first.
///
/// criterion = N ln(χ²/n) + penalty, penalty 2p (AIC) or p ln N (BIC). n points; N = n/g of them
/// tell something new, g the statistical inefficiency of the residuals of the set with the least
/// χ²: points that a misfit correlates count once. The same N for all sets.
/// Weights: K.P. Burnham, D.R. Anderson, Sociol. Methods Res. 33, 261 (2004),
/// doi:10.1177/0049124104268644.
///
/// Parameters and errors as of fit_lcf(). \throws Error{configuration} unknown criterion, largest <
/// 1 Cost: 793 fits for 12 standards and sets of up to 4.
[[nodiscard]] std::vector<LcfCombination> fit_combinations(
    const Eigen::VectorXd& energy, const Eigen::VectorXd& norm, double e0,
    const std::vector<LcfStandard>& standards, const record::LcfSettings& settings,
    std::optional<double> noise = std::nullopt);

}  // namespace twin::xas
