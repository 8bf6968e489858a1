// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "xas/scattering_path.h"

namespace twin::xas {

/// Values of the parameters of a path. amplitude is N S0².
struct PathValues {
  double amplitude = 1.0;
  double e0 = 0.0;       ///< eV, shift of E0
  double delta_r = 0.0;  ///< Å
  double sigma2 = 0.0;   ///< Å²
  double c3 = 0.0;       ///< Å³
  double c4 = 0.0;       ///< Å⁴
};

/// χ(k) of a path on \p k [m] (1/Å), by the path equation as Larch evaluates it: path_model.h has
/// it in full. M. Newville, J. Phys.: Conf. Ser. 430, 012007 (2013),
/// doi:10.1088/1742-6596/430/1/012007.
[[nodiscard]] Eigen::VectorXd path_chi(const ScatteringPath& path, const PathValues& values,
                                       const Eigen::VectorXd& k);

/// The outcome of a fit in R: values, two covariances, statistics.
struct Fit {
  std::vector<std::string>
      names;  ///< "n:Cu-Cu.1", "r:Cu-Cu.1", "sigma2:Cu-Cu.1", "c3:Cu-Cu.1", "de0:Cu-Cu.1"
  Eigen::VectorXd values;      ///< n is N S0² / s02; r is reff + ΔR, Å
  Eigen::MatrixXd covariance;  ///< from the noise alone (epsilon_r): random
  double reduced_chi2 = 1.0;   ///< covariance · reduced_chi2 is the covariance scaled for misfit
  double r_factor = 0.0;
  double n_idp = 0.0;
  double epsilon_r = 0.0;  ///< noise of χ(R) at the first k weight, from 15-30 Å: see bands.h
  int evaluations = 0;
  bool converged = false;
  std::string message;  ///< why it did not converge, or what is undetermined
  std::vector<std::string> undetermined;
  Eigen::VectorXd model_chi;  ///< [m] χ(k) of the model on the data's k
};

/// Fits paths to χ(k) in R space, Re and Im of χ(R) between rmin and rmax, one or more k weights.
///
/// \param chi    [m] on k = 0, 0.05 ... 1/Å
/// \param paths  settings of each path; its FEFF path has the same index in \p feff
/// \param s02    amplitude reduction factor that divides out of n
/// Analytic derivatives; Levenberg-Marquardt with bounds.
/// \throws Error{configuration} nothing free, more parameters than independent points;
///         Error{data} χ ends before kmax (says where)
[[nodiscard]] Fit fit(const Eigen::VectorXd& chi, const record::FitSettings& settings,
                      const std::vector<record::PathSettings>& paths,
                      const std::vector<ScatteringPath>& feff, double s02);

}  // namespace twin::xas
