// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/xanes.h"

namespace twin::xas {

/// The strongest peak above an edge.
struct WhiteLine {
  double energy = 0.0, energy_sigma = 0.0;  ///< eV
  double height = 0.0, height_sigma = 0.0;  ///< in edge steps
  double area = 0.0, area_sigma = 0.0;      ///< above an arctan step of height one, steps · eV
  int points = 0;                           ///< of the cubic through the top
  std::vector<std::string> warnings;        ///< at the end of the range, too few points
};

/// The highest point of emin .. emax from \p e0, by a cubic fitted to the points around it that are
/// above 90 % of the way up from the higher of the two valleys beside it, five at least.
/// Area: ∫ of norm - [1/2 + atan((E - E_half)/Γ)/π] over emin .. emax, E_half where norm first
/// reaches 1/2, Γ = 1 eV: a convention, good for comparing spectra of one series.
///
/// \param energy, norm  [n]; \param noise  of a point; nothing = by differences
/// \throws Error{data} shapes disagree, not finite, fewer than five points in the range
[[nodiscard]] WhiteLine find_white_line(const Eigen::VectorXd& energy, const Eigen::VectorXd& norm,
                                        double e0, const record::WhiteLineSettings& settings,
                                        std::optional<double> noise = std::nullopt);

}  // namespace twin::xas
