// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "xas/lcf_problem.h"

namespace twin::xas {

/// A finished fit, freed from what the standards' noise pulls it to, and what noise does to it.
struct LcfErrors {
  Eigen::VectorXd x;           ///< [p]
  Eigen::MatrixXd covariance;  ///< [p × p] by noise of data and standards, as if without bounds
  Eigen::MatrixXd by_scale;   ///< [p × n] change of the parameters per relative step of a standard
  Eigen::MatrixXd by_energy;  ///< [p × n] change of the parameters per eV of a standard's energies
  Eigen::MatrixXd by_spread;  ///< [p × Σr] by each column of the standards' spread
  double expected = 0.0;      ///< Σ residual² that the noise explains
};

/// Noise of a standard adds T(x) = Σ_j (w_j noise_j)² |B_j|² to Σ residual², less of it the more
/// the standard is smoothed: left alone, noise looks like broadening and like shifts by half a
/// step. Here Σ residual² - T is minimised, by a few Newton steps with JᵀJ - N, N the part of JᵀJ
/// that is noise. What a bound holds stays there, but its error is the one that it has when let go:
/// held, it would claim to be certain, and so would what it is correlated with; this way errors go
/// on steadily as a minimum passes the bound. Bounds that meet leave nothing to let go.
/// \param noise  of a point of the data in norm
[[nodiscard]] LcfErrors lcf_errors(LcfProblem& problem, const numeric::LeastSquaresFit& fit,
                                   const std::vector<LcfStandard>& standards, double noise);

}  // namespace twin::xas
