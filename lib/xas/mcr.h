// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace twin::xas {

struct McrOptions {
  bool closure = true;  ///< concentrations of a scan add to one
  int max_iterations = 2000;
  double tolerance = 1e-7;  ///< relative change of the rms residual that ends the iteration
  double offset = 0.05;     ///< of the purity of SIMPLISMA, share of the greatest mean
};

/// D ≈ C S, both ≥ 0.
struct Mcr {
  Eigen::MatrixXd concentrations;    ///< [scans × n]
  Eigen::MatrixXd spectra;           ///< [n × points]
  Eigen::MatrixXd lowest, highest;   ///< [scans × n] feasible concentrations, see resolve()
  std::vector<Eigen::Index> purest;  ///< [n] scans that the iteration began with
  double lack_of_fit = 0.0;          ///< % : 100 √(Σ e²/Σ D²)
  double r2 = 0.0;                   ///< 1 - Σ e²/Σ D²
  int iterations = 0;
  bool converged = false;
  std::vector<std::string> warnings;
};

/// Multivariate curve resolution by alternating least squares with non-negativity (and closure),
/// from the purest scans (SIMPLISMA on rows).
///
/// The answer is one of a band: any mixing of the components that keeps both factors ≥ 0 fits as
/// well. `lowest` and `highest` are the ends of that band for each component by itself (the
/// greatest and least share of signal that its mixing with each single other one allows, noise
/// apart): a band as wide as the number says that the series alone can't tell.
/// R. Tauler, Chemom. Intell. Lab. Syst. 30, 133 (1995), doi:10.1016/0169-7439(95)00047-X;
/// W. Windig, J. Guilment, Anal. Chem. 63, 1425 (1991), doi:10.1021/ac00014a016.
///
/// \param spectra     [scans × points], normalised, without negative values beyond noise
/// \param components  1 .. scans
/// \throws Error{data} not finite, fewer scans than components; Error{configuration} components < 1
[[nodiscard]] Mcr resolve(const Eigen::MatrixXd& spectra, int components,
                          const McrOptions& options = {});

}  // namespace twin::xas
