// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "app/xas_absorption.h"
#include "record/recipe.h"
#include "xas/scattering_path.h"

namespace twin::app {

/// What a measured standard (or the recipe) says of amplitude and energy scale.
struct StandardValues {
  double s02 = 1.0;
  double de0 = 0.0;  ///< eV, shift of E0; of use where has_de0
  bool has_de0 = false;
  Eigen::Matrix2d random = Eigen::Matrix2d::Zero();      ///< of (s02, de0)
  Eigen::Matrix2d systematic = Eigen::Matrix2d::Zero();  ///< without a standard: FEFF's amplitude
  std::string source;  ///< "standard cu", "recipe", "none: S0² = 1"
};

/// A recipe with FEFF's path of each that it fits.
struct XasPlan {
  record::Recipe recipe;
  XasConditions conditions;
  std::vector<xas::ScatteringPath> feff;
  std::string feff_version;
};

/// FEFF's path of each of \p recipe's: of its crystal or structure, or of the files that it names.
/// \throws Error{configuration} a shell that the crystal lacks; Error{unavailable} no FEFF
[[nodiscard]] XasPlan plan_of(record::Recipe recipe);

/// The plan of the recipe's standard, whose structure may be another.
[[nodiscard]] XasPlan plan_of_standard(const XasPlan& plan);

/// What the fit of the standard's χ(k) comes to.
/// \throws Error{data} it did not converge; Error{configuration} n is not free in it
[[nodiscard]] StandardValues values_of_standard(const XasPlan& standard,
                                                const Eigen::VectorXd& chi);

}  // namespace twin::app
