// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
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

/// A spectrum and what is fitted to it.
struct FitData {
  std::string name;              ///< told apart by it when there are several
  Eigen::VectorXd chi;           ///< [m] on k = 0, 0.05 ... 1/Å
  record::FitSettings settings;  ///< space, ranges, k weights
  std::vector<record::PathSettings> paths;
  std::vector<ScatteringPath> feff;   ///< FEFF's path of each
  double s02 = 1.0;                   ///< amplitude reduction factor that divides out of n
  std::optional<double> temperature;  ///< K; T in expressions
  /// [m] further noise of χ at each k (the background's), added in quadrature to ε(k) as if it were
  /// independent from point to point: to the covariances, and to what residuals are divided by, in
  /// k at each point, in r and q in the mean over what reaches the residuals.
  std::optional<Eigen::VectorXd> delta_chi;
};

/// How well one spectrum of a fit came out.
struct DataFit {
  std::string name;
  double chi2 = 0.0, r_factor = 0.0, n_idp = 0.0;
  double epsilon_k = 0.0;     ///< noise of χ(k), with delta_chi where that is given
  double epsilon_r = 0.0;     ///< the same as noise of χ(R) at the first k weight: see bands.h
  Eigen::VectorXd model_chi;  ///< [m] χ(k) of the model on the data's k
};

/// The outcome of a fit: values, covariances, statistics. Free parameters are those of the paths
/// ("n:Cu-Cu.1", "r:", "sigma2:", "c3:", "c4:", "de0:"), then those of expressions by their own
/// names. With several spectra those that each has for itself end in "@" and its name.
struct Fit {
  std::vector<std::string> names;
  Eigen::VectorXd values;      ///< n is N S0² / s02; r is reff + ΔR, Å
  Eigen::MatrixXd covariance;  ///< (JᵀJ)⁻¹ of residuals over the noise: times reduced_chi2 it is
                               ///< the covariance scaled for misfit, as Larch quotes it; with
                               ///< priors H⁻¹/s of fit(), which comes to the same
  /// H⁻¹ Jᵀ (noise of the residuals) J H⁻¹: what noise alone does, exact to first order for noise
  /// that is white in χ(k), however weights and windows correlate it. Its 1 σ intervals cover 68 %.
  Eigen::MatrixXd random;
  Eigen::MatrixXd systematic;   ///< misfit beyond the noise, and priors: see fit()
  Eigen::MatrixXd correlation;  ///< of covariance
  double chi2 = 0.0;            ///< of all spectra, priors and restraints
  /// χ² of the data over n_idp less the parameters that these determine (free, without priors), 1
  /// for noise alone; but n_idp / (n_idp - free) in k, where the rest lies at all distances and
  /// n_idp counts those of rmin .. rmax, as Larch has it.
  double reduced_chi2 = 1.0;
  double r_factor = 0.0;        ///< of all spectra together
  double n_idp = 0.0;           ///< independent points of all spectra
  int n_rows = 0;               ///< priors and restraints
  double aic = 0.0, bic = 0.0;  ///< n ln(χ²/n) + 2 free, + ln(n) free; n = n_idp + n_rows
  double epsilon_r = 0.0;       ///< of the first spectrum
  int evaluations = 0;
  bool converged = false;
  std::string message;  ///< why it did not converge, or what is undetermined
  std::vector<std::string> undetermined, at_bounds;
  Eigen::VectorXd model_chi;  ///< of the first spectrum
  std::vector<DataFit> data;

  /// What expressions tie: "sigma2:Cu-Cu.1", "r:Cu-Cu.2@second". Covariance: derived_jacobian C
  /// derived_jacobianᵀ with C = covariance or random.
  std::vector<std::string> derived_names;
  Eigen::VectorXd derived_values;
  Eigen::MatrixXd derived_jacobian;  ///< [derived × free]
};

/// Fits paths to one or more χ(k), together: in "k" k^w χ between kmin and kmax without a taper, in
/// "r" Re and Im of χ(R) between rmin and rmax, in "q" Re of the back transform of that range; one
/// or more k weights (projection.h). Analytic derivatives; Levenberg-Marquardt with bounds.
///
/// \param parameters  that expressions use; one that is free and used by none is left out, and said
/// \param restraints  a row (expression - value)/σ each; one for each spectrum where it depends on
///                    T or on a parameter that each spectrum has for itself
/// Priors are rows (x - mean)/σ; of a tied parameter too. Priors are data with an error of their
/// own, which misfit of the spectra does not touch; but the spectra are no better than their misfit
/// when weighed against them. With J_d, J_p the rows of data and priors, s = max(1, reduced_chi2),
///     H = J_dᵀJ_d/s + J_pᵀJ_p,   random = H⁻¹ J_dᵀ C J_d H⁻¹/s²,   C the residuals' by noise,
///     systematic = H⁻¹ (J_dᵀJ_d (1/s - 1/s²) + J_pᵀJ_p) H⁻¹,
/// together H⁻¹ for C = 1: never above a prior's own error, and s (J_dᵀJ_d)⁻¹ as a prior loses its
/// grip. s counts n_idp - tr(H⁻¹ J_dᵀJ_d)/s degrees of freedom; from all rows where that is below
/// 1/2. Weighing against noise alone (s = 1 in H) leaves H⁻¹ (s J_dᵀJ_d + J_pᵀJ_p) H⁻¹, worse than
/// the prior itself where (s - 2) J_pᵀJ_p > J_dᵀJ_d. What priors do is systematic: it is the same
/// for each scan.
/// The E0 of a spectrum's first path holds for its later ones, unless they say something of it.
/// \throws Error{configuration} nothing free, more parameters than independent points, an
/// expression
///         that is wrong (says where), names that clash; Error{data} χ ends before kmax (says
///         where)
[[nodiscard]] Fit fit(const std::vector<FitData>& data,
                      const std::vector<record::FitParameter>& parameters = {},
                      const std::vector<record::Restraint>& restraints = {});

/// The same of one spectrum and no expressions' parameters.
[[nodiscard]] Fit fit(const Eigen::VectorXd& chi, const record::FitSettings& settings,
                      const std::vector<record::PathSettings>& paths,
                      const std::vector<ScatteringPath>& feff, double s02);

}  // namespace twin::xas
