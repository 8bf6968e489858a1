// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// What a recipe needs of a scan; nothing where it does not say.
struct Needed {
  std::optional<double> norm2{};  ///< eV above e0
  std::optional<double> kmax{};   ///< 1/Å, of AUTOBK or of the fit
  std::optional<double>
      last{};  ///< eV: where the scan was to end (a plan, or the rest of a series)
};

/// What the recipe states: reduce.norm2, and the larger of autobk.kmax and fit.kmax (where paths
/// are fitted).
[[nodiscard]] Needed needed_by(const record::Recipe& recipe);

/// Whether a scan is whole.
struct Completeness {
  bool partial = false;
  Eigen::Index sound = 0;            ///< leading rows that are sound; later ones should be cut off
  std::vector<std::string> reasons;  ///< "ends at k 8.2, the recipe needs 12"
};

/// Damage at the end: a row that is not finite, an energy that is not above the one before it
/// (where the scan rises otherwise), or that jumps by more than 20 steps, an energy of 0; a last µ
/// that lies ten times farther from its neighbours' line than the ten before do. Then what is left
/// against what is needed, to half a step.
///
/// \param energy, mu  [n] as read, in the order of the file
[[nodiscard]] Completeness completeness(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu,
                                        std::optional<double> e0, const Needed& needed);

}  // namespace twin::xas
