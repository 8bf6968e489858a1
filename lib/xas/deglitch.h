// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "record/detection.h"

namespace twin::xas {

/// Points that were taken out together.
struct Glitch {
  double energy = 0.0;          ///< eV, of the point farthest out
  double from = 0.0, to = 0.0;  ///< eV, first and last point taken out
  int points = 0;
  double size = 0.0;    ///< of the farthest point, in standard deviations of the noise there
  bool stated = false;  ///< a range of the recipe, whatever it held; size 0
};

struct Deglitched {
  std::vector<Eigen::Index> kept;  ///< indices that stay, increasing: to cut every column alike
  std::vector<Glitch> glitches;    ///< by energy
};

/// Spikes of at most settings.widest points. A run of points is a glitch when a cubic through five
/// neighbours at each side describes these neighbours, and misses the run by more than
/// settings.threshold standard deviations: of the neighbours about the cubic, or of the noise
/// around (median over 40 points, at least half a digit of µ), whichever is greater. An edge, a
/// white line or a pre-edge peak makes the cubic miss its neighbours too, and stays. Nothing is
/// found in the first and last three points, nor on a scan of fewer than 20; jumps that stay are no
/// spikes.
///
/// \param energy, mu  [n] eV, increasing; µ finite
/// \throws Error{data} shapes disagree; Error{configuration} threshold or widest not positive, or
///         less than 10 points left
/// Cost: O(n) for a scan without candidates, about 70 ns a point.
[[nodiscard]] Deglitched deglitch(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu,
                                  const record::DeglitchSettings& settings);

/// Those points of \p column that stay.
[[nodiscard]] Eigen::VectorXd kept(const Deglitched& deglitched, const Eigen::VectorXd& column);

}  // namespace twin::xas
