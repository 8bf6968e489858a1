// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "xas/scattering_path.h"

namespace twin::xas {

/// Single scattering of one pair of elements at any distance, from FEFF at a few: the complex
/// amplitude G(k;R) = amp exp(i[pha - 2 (rep - k) R]) of each node, divided by the phase of the
/// central node, is interpolated in 1/R through the four nearest nodes (two on each side; three at
/// the ends and where there are only three). That is the quadratic through the three nearest nodes,
/// blended between its two choices, so that χ has no steps in r. Then
///
///   χ(k; r) = Im[ G(k; r) exp(2i rep r) ] exp(-2 r / λ) / (k r²),
///
/// which is Larch's path equation at the nodes. χ(0) is the straight line through the next two.
///
/// Nodes 0.3 Å apart from 1.8 to 6.6 Å, Cu K, k χ over k 3-14 against FEFF6L at distances between
/// them: 0.02-0.05 % rms, which is what the four digits of FEFF's files allow; 0.16 % in the first
/// interval. Beyond the end nodes by up to 0.15 Å it extrapolates: 0.3 % at the short end, 0.06 %
/// at the long one; farther it refuses. Phases may jump by any multiples of 2π; an amplitude that
/// vanishes at some k (its phase jumps by π) is not treated apart.
///
/// Source: J.J. Rehr, R.C. Albers, Rev. Mod. Phys. 72, 621 (2000), doi:10.1103/RevModPhys.72.621.
class PairTable {
 public:
  static constexpr double margin = 0.15;  ///< Å beyond the end nodes

  /// \param nodes  single-scattering paths of one pair at increasing reff, frozen potentials
  /// \param k      [m ≥ 3] 1/Å, increasing from 0, within the nodes' columns
  /// \throws Error{data} fewer than three nodes, not increasing, not of one k grid and one set of
  ///                     potentials, not single scattering; or a k that the columns do not have
  PairTable(const std::vector<ScatteringPath>& nodes, const Eigen::VectorXd& k);

  /// The first and the last node, Å.
  [[nodiscard]] double rmin() const { return r_.front(); }
  [[nodiscard]] double rmax() const { return r_.back(); }
  [[nodiscard]] const Eigen::VectorXd& k() const { return k_; }

  /// [m] χ(k) of one scatterer at distance \p r, S0² = 1, no disorder.
  /// \throws Error{data} r is more than the margin outside of the nodes
  [[nodiscard]] Eigen::VectorXd chi(double r) const;

  /// [bins × m] χ(k) of one scatterer at each of from, from + step, ...: χ of an ensemble =
  /// histogramᵀ · basis. About 10 µs a bin.
  [[nodiscard]] Eigen::MatrixXd basis(double from, double step, int bins) const;

 private:
  Eigen::VectorXd k_, rep_, lambda_;
  Eigen::VectorXd phase_;                    ///< [m] of the central node's G
  std::vector<double> r_;                    ///< [nodes]
  std::vector<Eigen::VectorXcd> amplitude_;  ///< [nodes][m] G over exp(i phase_)
};

}  // namespace twin::xas
