// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace twin::xas {

/// What is kept of many frames: sums of the observables A (a vector), of the energy U and of its
/// strain slope S, and of their products, each frame
/// with its weight. Sums of different frames add.
///
/// U and S come in relative to a reference near their means: ⟨AU⟩ - ⟨A⟩⟨U⟩ then does not cancel.
struct BlockSums {
  double weight = 0;  ///< of all frames
  double u = 0, s = 0;
  Eigen::VectorXd a, au, as;

  explicit BlockSums(Eigen::Index observables)
      : a(Eigen::VectorXd::Zero(observables)), au(a), as(a) {}

  void add(const Eigen::VectorXd& observables, double energy, double slope, double of_frame) {
    weight += of_frame;
    u += of_frame * energy;
    s += of_frame * slope;
    a += of_frame * observables;
    au += of_frame * energy * observables;
    as += of_frame * slope * observables;
  }

  BlockSums& operator+=(const BlockSums& other) { return accumulate(other, 1); }
  BlockSums& operator-=(const BlockSums& other) { return accumulate(other, -1); }

  /// ⟨A⟩
  [[nodiscard]] Eigen::VectorXd mean() const { return a / weight; }
  /// cov(A, U)
  [[nodiscard]] Eigen::VectorXd energy_covariance() const {
    return au / weight - a / weight * (u / weight);
  }
  /// cov(A, ∂U/∂ε)
  [[nodiscard]] Eigen::VectorXd slope_covariance() const {
    return as / weight - a / weight * (s / weight);
  }

 private:
  BlockSums& accumulate(const BlockSums& other, int sign) {
    weight += sign * other.weight;
    u += sign * other.u;
    s += sign * other.s;
    a += sign * other.a;
    au += sign * other.au;
    as += sign * other.as;
    return *this;
  }
};

}  // namespace twin::xas
