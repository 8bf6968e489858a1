// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/xanes.h"
#include "xas/lcf_standard.h"

/// Linear combinations of standards whose normalisation is refined together with the fractions.
namespace twin::xas {

/// A fit of y(E) = m/(1 + s (m/step - 1)) + line, m = step Σ f_j S_j(E - shift), S_j a standard
/// convolved with a Gaussian. What the settings leave out is step 1, line 0, shift 0, width 0, s 0.
struct LcfFit {
  std::vector<std::string> names;    ///< of the standards
  Eigen::VectorXd fractions;         ///< [n]; weights where they need not add to one
  Eigen::MatrixXd covariance;        ///< [n × n] random; see fit_lcf()
  Eigen::MatrixXd covariance_sys;    ///< [n × n] systematic
  Eigen::VectorXd sigma, sigma_sys;  ///< [n] roots of their diagonals
  // Of the parameters, _sigma is random and _sys misfit.
  double step = 1.0, step_sigma = 0.0, step_sys = 0.0;  ///< of the data, in steps of the standards
  double offset = 0.0, offset_sigma = 0.0;              ///< of the line, at e0
  double slope = 0.0, slope_sigma = 0.0;                ///< of the line, 1/eV
  double shift = 0.0, shift_sigma = 0.0, shift_sys = 0.0;  ///< eV, the data lie higher
  double variance = 0.0, variance_sigma = 0.0;  ///< eV², of the Gaussian; can be below zero
  double broadening = 0.0;                      ///< eV, its root; 0 where variance is negative
  double self_absorption = 0.0, self_absorption_sigma = 0.0;  ///< s, 0 = none
  double noise = 0.0;         ///< of a point of the data that weighed χ²
  double chi2 = 0.0;          ///< Σ (residual/σ)², σ² of data and standards together
  double reduced_chi2 = 0.0;  ///< over points less parameters
  double r_factor = 0.0;      ///< Σ (y - fit)² / Σ y²
  int points = 0, parameters = 0;
  double points_effective = 0.0;      ///< points over the correlation length of residuals
  Eigen::VectorXd energy, data, fit;  ///< [k] over emin .. emax, in the space fitted
  bool converged = false;
  std::vector<std::string> warnings;
};

/// Fractions of the standards in a spectrum, with step, line, shift (broadening, self-absorption)
/// refined together with them: they then carry the uncertainty of the normalisation.
///
/// \param energy     [n] eV, increasing;  \param norm  [n] normalised, as the standards are
/// \param e0         eV, emin and emax count from it
/// \param standards  one or more; each must reach over the range and max_shift on both sides
/// \param noise      standard deviation of a point of norm; nothing = by differences
///
/// Fractions are held at ≥ 0, unless the settings let them be negative. Sum to one with step
/// refined: free weights ≥ 0, step is their sum. Not adding to one: step can't be told from them
/// and is 1. With step, slope and shift off: plain linear least squares on cubic splines of the
/// standards, as Larch has it. Derivative space: the same differences are taken of data and model,
/// on the grid of the data.
///
/// Covariance: (JᵀJ)⁻¹ Jᵀ C J (JᵀJ)⁻¹, C = noise² + Σ f_j² noise_j² B_j B_jᵀ with B_j what a point
/// of standard j does to the model, plus the standards' step_sigma, energy_sigma and spread (which
/// stands for noise_j too): noise alone, which counting time reduces.
/// The pull of the standards' noise on the parameters is taken off to first order (corrected score:
/// T. Nakamura, Biometrika 77, 127 (1990)). Systematic: that noise covariance times reduced χ² - 1,
/// where reduced χ² is above one by more than its own scatter, as no set of standards is complete
/// (both together are the customary covariance scaled to χ² of 1); step_sys of the standards; where
/// step or slope is not refined, also the distance to the fractions with both refined.
///
/// A fraction held at 0 is told in a warning; its error, one-sided, and those of all others are
/// what they are when it is let go: see lcf_errors(). Bounds of shift, width and s likewise. One
/// standard alone that adds to one is 1 by construction: its errors are 0 and mean nothing.
///
/// \throws Error{data} shapes disagree, not finite, not increasing, too few points, a standard that
///         does not reach over the range; Error{configuration} unknown space, emin not below emax
/// Cost about 1 ms for 4 standards and 200 points, 4 ms with broadening and self-absorption.
[[nodiscard]] LcfFit fit_lcf(const Eigen::VectorXd& energy, const Eigen::VectorXd& norm, double e0,
                             const std::vector<LcfStandard>& standards,
                             const record::LcfSettings& settings,
                             std::optional<double> noise = std::nullopt);

}  // namespace twin::xas
