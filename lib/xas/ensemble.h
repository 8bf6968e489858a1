// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "xas/pair_table.h"
#include "xas/scattering_path.h"

namespace twin::xas {

struct EnsembleSettings {
  double rmin = 1.6, rmax = 6.0;  ///< Å, pairs counted
  double bin = 0.005;             ///< Å
  int blocks = 8;                 ///< for the statistical error
  int absorbers_per_frame = 16;   ///< for multiple scattering, sampled in turn
};

/// What goes with a frame, for the tangents: ∂⟨A⟩/∂λ = ⟨∂A/∂λ⟩ - β cov(A, ∂U/∂λ).
struct FrameWeight {
  double energy_eV = 0.0;       ///< potential energy U
  double strain_slope_eV = 0.0; ///< ∂U/∂ε at uniform scaling of all lengths by (1 + ε): -3 V P_virial
};

/// χ(k) of a trajectory: single scattering from the distribution of pair distances through a
/// PairTable, multiple scattering from the ideal crystal's paths with the mean and the variance of
/// each path's length taken from the trajectory (frozen angles: the stated approximation).
class Ensemble {
 public:
  /// \param ideal     the frame whose atoms sit on their sites, same order as in the trajectory
  /// \param multiple  multiple-scattering paths of the ideal crystal (legs ≥ 3); may be empty
  Ensemble(PairTable table, std::vector<ScatteringPath> multiple, atoms::Frame ideal,
           EnsembleSettings settings);
  ~Ensemble();

  /// Adds a frame of block \p block (0 ≤ block < blocks). Positions unwrapped.
  void add(const atoms::Frame& frame, int block, const FrameWeight& weight);

  [[nodiscard]] int frames() const;

  /// [m] mean χ(k) for one absorber, S0² = 1.
  [[nodiscard]] Eigen::VectorXd chi() const;

  /// The same without multiple scattering.
  [[nodiscard]] Eigen::VectorXd chi_single() const;

  /// [blocks × m] χ(k) with block b left out: for the jackknife.
  [[nodiscard]] Eigen::MatrixXd chi_without_block() const;

  /// [m] ∂χ/∂T in 1/K at constant cell, sampled at \p temperature (K): cov(χ, U)/(k T²).
  [[nodiscard]] Eigen::VectorXd temperature_tangent(double temperature) const;

  /// [m] ∂χ/∂ε at constant temperature for uniform strain ε of the cell: affine part and fluctuations.
  [[nodiscard]] Eigen::VectorXd strain_tangent(double temperature) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::xas
