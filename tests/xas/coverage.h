// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "xas/fit.h"

namespace twin::xas {

/// A spectrum of one or two shells without noise, and what should be found in it.
struct Synthetic {
  FitData data;
  Eigen::VectorXd truth;  ///< in the order of Fit::names
};

/// \param shells  1 or 2; n, r and σ² of each free, one E0
[[nodiscard]] Synthetic synthetic(int shells, const record::FitSettings& settings);

/// Share of draws whose 1 σ interval, by Fit::random, covers the truth.
struct Coverage {
  std::vector<std::string> names;
  Eigen::VectorXd share, bias;  ///< bias of the value in standard errors of one draw
  int draws = 0;                ///< that converged
  double chi2 = 0.0;            ///< mean of reduced χ²
};

/// \param noise  of χ(k), white; the fit estimates it for itself
[[nodiscard]] Coverage coverage(const Synthetic& given, double noise, int draws, unsigned seed);

}  // namespace twin::xas
