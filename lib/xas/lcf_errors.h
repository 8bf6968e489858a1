// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "xas/lcf_problem.h"

namespace twin::xas {

/// What noise of data and standards does to the parameters of a finished fit.
struct LcfErrors {
  Eigen::MatrixXd covariance;  ///< [p × p] by noise of both, parameters at a bound left out
  Eigen::MatrixXd by_scale;   ///< [p × n] change of the parameters per relative step of a standard
  Eigen::MatrixXd by_energy;  ///< [p × n] change of the parameters per eV of a standard's energies
  Eigen::VectorXd pull;       ///< [p] that the standards' noise adds to the parameters
  double expected = 0.0;      ///< Σ residual² that the noise explains
};

/// \param noise  of a point of the data in norm
[[nodiscard]] LcfErrors lcf_errors(LcfProblem& problem, const numeric::LeastSquaresFit& fit,
                                   const std::vector<LcfStandard>& standards, double noise);

}  // namespace twin::xas
