// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// An absorption spectrum reduced to χ(k).
struct Reduction {
  double e0 = 0.0;         ///< eV
  double edge_step = 0.0;  ///< in units of µ; 1 where the recipe says that µ is normalised
  Eigen::VectorXd energy, mu, norm, flat;  ///< [n]
  Eigen::VectorXd pre, post;   ///< [n] the curves below and above the edge; empty if normalised
  Eigen::VectorXd background;  ///< [n]; empty where chi is
  /// [m] k from 0 in steps of 0.05 1/Å; both empty, with a warning, where the data do not reach far
  /// enough above the edge for a background: norm, e0 and edge_step hold all the same.
  Eigen::VectorXd k, chi;
  Eigen::VectorXd delta_chi;           ///< [m] standard error by the background, where asked for
  Eigen::VectorXd delta_background;    ///< [n] the same of the background
  record::ReduceSettings used;         ///< every field filled in
  record::AutobkSettings used_autobk;  ///< every field filled in
  std::vector<std::string> warnings;
};

/// The energy of the steepest rise, as Larch's find_e0 has it: a measured energy. dµ/dE scaled to
/// 0..1, the highest of the points above 0.6 whose neighbours are above it too; then once more
/// within ±75 points, on the smoothed derivative. M. Newville, J. Phys.: Conf. Ser. 430, 012007
/// (2013), doi:10.1088/1742-6596/430/1/012007.
/// \throws Error{data} fewer than 20 points, or a flat spectrum
[[nodiscard]] double find_e0(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu);

/// A normalisation that was found elsewhere (MBACK, a stored project), in place of the lines.
struct Normalisation {
  double edge_step = 0.0;     ///< > 0, in units of µ
  Eigen::VectorXd pre, post;  ///< [n] on the given energies: what is taken from µ, and where norm
                              ///< is one; post may be empty: flat is norm then
};

struct ReduceOptions {
  bool uncertainty = false;                      ///< delta_chi and delta_background are wanted
  std::optional<Normalisation> normalisation{};  ///< instead of ReduceSettings' ranges
};

/// µ(E) → normalised µ → χ(k): pre-edge line, post-edge polynomial, AUTOBK.
///
/// \param energy  [n] eV, increasing; repeated energies are averaged with a warning
/// \param mu      [n] any unit, finite
/// \throws Error{data}  shapes disagree, not finite, decreasing energies, a stated range outside of
/// the data, no edge, or an edge step that is not above zero. A scan that ends too early for χ(k)
/// is none of them: see Reduction::chi.
///
/// The background is linear in its spline's coefficients: solved by linear least squares, the
/// clamps by Newton steps. M. Newville et al., Phys. Rev. B 47, 14126 (1993).
[[nodiscard]] Reduction reduce(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu,
                               const record::ReduceSettings& settings,
                               const record::AutobkSettings& autobk,
                               const ReduceOptions& options = {});

}  // namespace twin::xas
