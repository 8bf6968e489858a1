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
};

/// D ≈ C S, both ≥ 0.
struct Mcr {
  Eigen::MatrixXd concentrations;    ///< [scans × n]
  Eigen::MatrixXd spectra;           ///< [n × points]
  Eigen::MatrixXd lowest, highest;   ///< [scans × n] feasible, see resolve()
  std::vector<Eigen::Index> purest;  ///< [n] scans that the iteration began with
  double lack_of_fit = 0.0;          ///< % : 100 √(Σ e²/Σ D²)
  double r2 = 0.0;                   ///< 1 - Σ e²/Σ D²
  int iterations = 0;
  bool converged = false;
  std::vector<std::string> warnings;
};

/// Multivariate curve resolution by alternating least squares with non-negativity (and closure),
/// from the purest scans: those farthest from each other, found by successive projections.
///
/// The answer is one of a band: any mixing of the components that keeps both factors ≥ 0 fits as
/// well. `lowest` and `highest` span what mixing each one with each single other allows (with
/// closure kept; points and scans below a tenth of the greatest are noise and do not bound it). A
/// mixing of three at once can lie outside: the band is at least so wide. A wide band says that
/// the series alone can't tell.
/// R. Tauler, Chemom. Intell. Lab. Syst. 30, 133 (1995), doi:10.1016/0169-7439(95)00047-X;
/// M.C.U. Araújo et al., Chemom. Intell. Lab. Syst. 57, 65 (2001),
/// doi:10.1016/S0169-7439(01)00119-8.
///
/// \param spectra     [scans × points], normalised, without negative values beyond noise
/// \param components  1 .. scans
/// \throws Error{data} not finite, fewer scans than components; Error{configuration} components < 1
[[nodiscard]] Mcr resolve(const Eigen::MatrixXd& spectra, int components,
                          const McrOptions& options = {});

}  // namespace twin::xas
