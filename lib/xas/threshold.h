// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "atoms/edges.h"
#include "record/recipe.h"

namespace twin::xas {

/// The energy of an edge, with what it is worth.
struct Threshold {
  double e0 = 0.0;     ///< eV
  double sigma = 0.0;  ///< eV: noise and misfit of the rise; the grid's step/√12, if a grid point
  std::string from;    ///< "stated", "derivative", "half" or "table"
  std::vector<std::string> warnings;
};

/// eV: an edge farther than this from its tabulated energy is not taken for it. Chemical shifts
/// reach 12 eV (S, Cr, As), the steepest rise of an edge with a split rise some 20 eV (NiO2).
inline constexpr double threshold_window = 40.0;

/// E0 by settings.e0 where stated; else by settings.e0_from:
///   "derivative" (or "" or "reference", for which the caller hands the reference's µ)
///             find_e0() on all data; where that lies outside of threshold_window about the
///             tabulated energy of \p ours, or beyond the middle to another edge of the sample, the
///             search is repeated within, and a warning says so
///   "half"    where µ normalised with settings' ranges and the derivative's E0 first crosses 1/2
///   on
///             its last rise to the edge: for shifts of a series below the grid's step
///   "table"   the tabulated energy, sigma 0
///
/// \param energy, mu  [n] eV, increasing; µ finite
/// \param ours        the edge that is measured, where it is known
/// \param elements    of the sample, ours included or not; may be empty
/// \throws Error{data} fewer than 20 points, a flat spectrum, data that lack our edge;
///         Error{configuration} "table" without an edge, or another word
[[nodiscard]] Threshold find_threshold(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu,
                                       const record::ReduceSettings& settings,
                                       const std::optional<atoms::TabulatedEdge>& ours,
                                       const std::vector<std::string>& elements);

/// Where \p norm last rises through 1/2 before it first reaches 0.9, not below \p e0 less
/// threshold_window; by a straight line between points. A pre-edge peak under 0.9 is passed over.
/// \throws Error{data} where there is none
[[nodiscard]] double half_height(const Eigen::VectorXd& energy, const Eigen::VectorXd& norm,
                                 double e0);

/// Edges that may be the one at \p e0, the nearest first, of the elements given, else of all from
/// Na to U; K and L3 edges before weaker ones at 5 eV more. More than one is an ambiguity that
/// only the user can end.
[[nodiscard]] std::vector<atoms::TabulatedEdge> guess_edge(
    double e0, const std::vector<std::string>& elements = {}, double within = 20.0);

}  // namespace twin::xas
