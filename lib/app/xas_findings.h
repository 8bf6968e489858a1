// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/xas_plan.h"
#include "xas/fit.h"

namespace twin::app {

/// What a fit, its variants and the bands make of one χ(k).
struct XasFindings {
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<std::pair<std::string, xas::Fit>> fits;  ///< suffix of the variant, fit
};

/// \param values       S0², which divides out of coordination numbers and bands, and E0's shift
/// \param temperature  of the sample, K, for expressions
[[nodiscard]] XasFindings find(const XasPlan& plan, const Eigen::VectorXd& k,
                               const Eigen::VectorXd& chi, const StandardValues& values,
                               std::optional<double> temperature);

/// The paths of a variant of the fit.
[[nodiscard]] std::vector<record::PathSettings> with_variant(
    std::vector<record::PathSettings> paths, const record::Variant& variant);

/// "chi_r:2.8-3.6".
[[nodiscard]] std::string band_name(const std::pair<double, double>& band);

/// The paths with what the standard fixes of them put in: E0, where it gives that.
[[nodiscard]] std::vector<record::PathSettings> with_standard(
    std::vector<record::PathSettings> paths, const StandardValues& values);

/// The free parameters and those that they tie, of one fit: names, values, and the rows of their
/// covariance by the free ones.
struct FitRows {
  std::vector<std::string> names;
  Eigen::VectorXd values;
  Eigen::MatrixXd by_free;  ///< [names × free]
};
[[nodiscard]] FitRows rows_of(const xas::Fit& fit);

/// χ on the k scale of the fitted E0 shift (eV), so that spectra of different thresholds can be
/// laid together: [m] on the same \p k, zero beyond its end.
[[nodiscard]] Eigen::VectorXd on_fitted_scale(const Eigen::VectorXd& k, const Eigen::VectorXd& chi,
                                              double de0);

/// The shift of E0 that the fit found, eV; 0 when it was not free.
[[nodiscard]] double fitted_e0(const XasFindings& found);

/// The unit of a finding, "1/Å^(w+1)" for χ(R) of k^w χ(k); a parameter of the fit has its own.
[[nodiscard]] std::string unit_of(const std::string& name, const record::Recipe& recipe);

}  // namespace twin::app
