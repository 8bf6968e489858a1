// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// A spectrum whose state is known, normalised the same way as those that it will be fitted to.
struct LcfStandard {
  std::string name;
  Eigen::VectorXd energy, norm;  ///< [m] its own grid, eV, increasing; norm, or flat for all
  double noise = 0.0;            ///< standard deviation of a point; 0 = taken as free of noise
  double step_sigma = 0.0;       ///< relative, of its edge step: noise in the ranges (random)
  double step_sys = 0.0;         ///< relative, of its edge step: choice of the ranges (systematic)
  double energy_sigma = 0.0;     ///< eV, of its energy axis against those of the others (random)
  /// [m × r] columns whose outer products add to the covariance of norm, noise included (random):
  /// see spread_of_repeats(). `noise` then says only what it pulls a fit to. Empty = white noise.
  Eigen::MatrixXd spread = {};
};

/// What repeats of a standard tell about one of them: columns (norm_i - mean)/√(n - 1) on the grid
/// of the first, so that Σ columns columnsᵀ is their covariance: step, energy axis, resolution and
/// thickness as they really vary. Divide by √n for the mean of all.
/// \param repeats  two or more; where one does not reach over the first, its end points go on
/// \throws Error{data} fewer than two
[[nodiscard]] Eigen::MatrixXd spread_of_repeats(const std::vector<LcfStandard>& repeats);

/// The noise of a point, by differences from 15 eV above the edge on; of a scan that has fewer than
/// ten points there, from those 15 eV below it; of one that has neither, from all, edge and all:
/// then it is too large.  \throws Error{data} fewer than ten points
[[nodiscard]] double noise_beside_edge(const Eigen::VectorXd& energy, const Eigen::VectorXd& y,
                                       double e0);

/// How well the edge step of a spectrum is known, from the spectrum alone.
struct StepUncertainty {
  double noise = 0.0;       ///< of a point of norm, by differences above the edge
  double step_sigma = 0.0;  ///< relative: that noise through both polynomials
  /// Relative: rms change when norm1, norm2 and nnorm are chosen anew; nothing where the data leave
  /// no other choice.
  std::optional<double> step_sys;
};

/// What \p settings make of µ, and how far the step moves with other ranges: norm1 25 and 50 eV
/// higher, norm2 a quarter lower, nnorm one less; those that the data allow.
/// \param energy, mu  [n] as reduce() returned them; \param settings  as used (Reduction::used)
[[nodiscard]] StepUncertainty step_uncertainty(const Eigen::VectorXd& energy,
                                               const Eigen::VectorXd& mu,
                                               const record::ReduceSettings& settings);

}  // namespace twin::xas
