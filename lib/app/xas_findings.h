// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <utility>
#include <vector>

#include "record/recipe.h"
#include "xas/fit.h"
#include "xas/scattering_path.h"

namespace twin::app {

/// A recipe with FEFF's path of each shell that it fits.
struct XasPlan {
  record::Recipe recipe;
  std::vector<xas::ScatteringPath> shells;
};

/// What a fit, its variants and the bands make of one χ(k).
struct XasFindings {
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<std::pair<std::string, xas::Fit>> fits;  ///< suffix of the variant, fit
};

/// \param amplitude  S0², divides out of coordination numbers and bands
[[nodiscard]] XasFindings find(const XasPlan& plan, const Eigen::VectorXd& k,
                               const Eigen::VectorXd& chi, double amplitude);

/// χ on the k scale of the fitted E0 shift (eV), so that spectra of different thresholds can be
/// laid together: [m] on the same \p k, zero beyond its end.
[[nodiscard]] Eigen::VectorXd on_fitted_scale(const Eigen::VectorXd& k, const Eigen::VectorXd& chi,
                                              double de0);

/// The shift of E0 that the fit found, eV; 0 when it was not free.
[[nodiscard]] double fitted_e0(const XasFindings& found);

/// "Cu-Cu.2" → 2: the shell's number is its place among the single-scattering paths.
/// \throws Error{configuration} it is not named so
[[nodiscard]] int shell_number(const std::string& path_name);

/// The unit of a finding, "1/Å^(w+1)" for χ(R) of k^w χ(k).
[[nodiscard]] std::string unit_of(const std::string& name, double kweight);

}  // namespace twin::app
