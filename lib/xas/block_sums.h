// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace twin::xas {

/// What is kept of many frames: sums of the observables A (a vector), of what their tangents are
/// covariances with (the conjugates: the energy U, its strain slope, its slopes by parameters), and
/// of their products, each frame with its weight. Sums of different frames add.
///
/// Conjugates come in relative to a reference near their means: ⟨AU⟩ - ⟨A⟩⟨U⟩ then does not cancel.
struct BlockSums {
  double weight = 0;  ///< of all frames
  Eigen::VectorXd a, c;
  Eigen::MatrixXd ac;  ///< [observables × conjugates]

  BlockSums(Eigen::Index observables, Eigen::Index conjugates)
      : a(Eigen::VectorXd::Zero(observables)),
        c(Eigen::VectorXd::Zero(conjugates)),
        ac(Eigen::MatrixXd::Zero(observables, conjugates)) {}

  void add(const Eigen::VectorXd& observables, const Eigen::VectorXd& conjugates, double of_frame) {
    weight += of_frame;
    a += of_frame * observables;
    for (Eigen::Index i = 0; i < c.size(); ++i) {
      const double one = of_frame * conjugates[i];
      c[i] += one;
      ac.col(i) += one * observables;
    }
  }

  BlockSums& operator+=(const BlockSums& other) { return accumulate(other, 1); }
  BlockSums& operator-=(const BlockSums& other) { return accumulate(other, -1); }

  /// ⟨A⟩
  [[nodiscard]] Eigen::VectorXd mean() const { return a / weight; }
  /// cov(A, conjugate)
  [[nodiscard]] Eigen::VectorXd covariance(Eigen::Index conjugate) const {
    return ac.col(conjugate) / weight - a / weight * (c[conjugate] / weight);
  }

 private:
  BlockSums& accumulate(const BlockSums& other, int sign) {
    weight += sign * other.weight;
    a += sign * other.a;
    c += sign * other.c;
    ac += sign * other.ac;
    return *this;
  }
};

}  // namespace twin::xas
