// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "atoms/frame.h"

namespace twin::md {

/// g(r) of each pair of species: how many atoms of one are at r from one of the other, over how
/// many would be in a uniform fluid of its mean density,
///     g_AB(r) = ⟨V n_AB(r, r + dr)⟩ / (N_A N_B 4π/3 ((r + dr)³ - r³)),
/// each A-B once, A-A both ways. n(r), the neighbours within r of an A, is 4π N_B/V ∫ g r² dr.
/// M.P. Allen, D.J. Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), section 2.6,
/// doi:10.1093/oso/9780198803195.001.0001.
class PairDistribution {
 public:
  /// \param rmax   Å; where half the smallest width of the cell is less, that
  /// \param step   Å, of the grid
  /// \param blocks parts of the run: their scatter is the error
  PairDistribution(const atoms::Frame& ideal, double rmax, double step, int blocks);

  /// Cost: a search for neighbours within rmax.
  void add(const atoms::Frame& frame, int block, double weight = 1.0);

  struct Pair {
    int one = 0, other = 0;  ///< species, one ≤ other
    Eigen::VectorXd g;       ///< [bins]
    Eigen::VectorXd
        sigma;  ///< [bins] standard error by the scatter of the blocks; 0 with one block
  };
  /// Of every pair of species that there are; empty before the first frame.
  [[nodiscard]] std::vector<Pair> result() const;

  /// [bins] Middles of the bins, Å.
  [[nodiscard]] Eigen::VectorXd r() const;

 private:
  [[nodiscard]] Eigen::Index column(int one, int other) const;

  double step_;
  Eigen::Index bins_;
  int species_ = 0;
  std::vector<double> atoms_;                ///< of each species
  std::vector<Eigen::MatrixXd> histograms_;  ///< [blocks] of [bins × pairs], times V and weight
  std::vector<double> weights_;              ///< of each block
};

}  // namespace twin::md
