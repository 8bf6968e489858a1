// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "xas/scattering_path.h"

namespace twin::xas {

/// Single scattering of one pair of elements at any distance, from FEFF at a few: the complex
/// amplitude G(k;R) = amp exp(i[pha - 2(rep - k)R]) divided by the phase of the nearest node, then
/// interpolated quadratically in 1/R over the three nearest nodes. Error 0.02-0.1 % for nodes 0.3 Å
/// apart, inside of the nodes; refuses what lies outside of them by more than 0.15 Å.
class PairTable {
 public:
  /// \param nodes  single-scattering paths of one pair at increasing reff, frozen potentials
  /// \throws Error{data} fewer than three, or not increasing
  PairTable(std::vector<ScatteringPath> nodes, const Eigen::VectorXd& k);

  [[nodiscard]] double rmin() const;
  [[nodiscard]] double rmax() const;
  [[nodiscard]] const Eigen::VectorXd& k() const { return k_; }

  /// [m] χ(k) of one scatterer at distance \p r, S0² = 1, no disorder.
  [[nodiscard]] Eigen::VectorXd chi(double r) const;

  /// [bins × m] χ(k) of one scatterer at each bin centre: χ of an ensemble = histogramᵀ · basis.
  [[nodiscard]] Eigen::MatrixXd basis(double from, double step, int bins) const;

 private:
  Eigen::VectorXd k_;
  std::vector<double> r_;
  std::vector<Eigen::VectorXcd> amplitude_;
  std::vector<Eigen::VectorXcd> p_;
};

}  // namespace twin::xas
