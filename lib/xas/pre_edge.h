// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// The normalisation of a spectrum, with the ranges that were used.
struct PreEdge {
  double edge_step = 0.0;
  Eigen::VectorXd pre,
      post;  ///< [n] the line below and the polynomial above the edge, in units of µ
  Eigen::VectorXd norm, flat;   ///< [n]
  record::ReduceSettings used;  ///< every field filled in; the ranges as clipped to the data
};

/// A line fitted to µ E^nvict from pre1 to pre2, and divided by E^nvict (Victoreen's law for 3 or
/// so); a polynomial of order nnorm to µ minus that line from norm1 to norm2 (eV from \p e0); the
/// edge step is the polynomial at the point nearest to e0. norm = (µ - line)/step; flat = norm -
/// (polynomial - polynomial at e0)/step from e0 on: Athena's flattening.
///
/// Where the settings leave a range open, Larch's rules: pre1 from the second point, to 5 eV; pre2
/// half of it; norm2 to the end, to 5 eV, or before_end eV before it; norm1 = min(25, 5
/// round(norm2/15)); nnorm 2 from 300 eV on, 1 from 30 eV on, else 0.
///
/// \param energy, mu  [n] as in reduce(), checked already
/// \param warnings    what was clipped or lowered is added here
/// \throws Error{data} a stated range outside of the data, or no edge; Error{configuration} a range
///         that ends before it begins
[[nodiscard]] PreEdge pre_edge(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu, double e0,
                               const record::ReduceSettings& settings,
                               std::vector<std::string>& warnings);

/// i such that x[i] ≤ value < x[i+1]; 0 where value is below all.
[[nodiscard]] Eigen::Index index_below(const Eigen::VectorXd& x, double value);

/// The point of \p x, increasing, that is nearest to \p value; the first of two equally near.
[[nodiscard]] Eigen::Index index_nearest(const Eigen::VectorXd& x, double value);

}  // namespace twin::xas
