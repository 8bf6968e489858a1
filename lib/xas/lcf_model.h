// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "numeric/spline.h"
#include "xas/lcf_standard.h"

namespace twin::xas {

/// What the points of a standard do to each point of the model: rows that are zero but for a few
/// neighbours, as values and as derivatives by shift and by variance.
struct LcfResponse {
  std::vector<Eigen::Index> first;     ///< [k] the first point of each row, from `from` on
  std::vector<Eigen::MatrixX3d> rows;  ///< [k] [points × 3] value, by shift, by variance
  Eigen::Index from = 0;               ///< the first point of the standard that matters
  Eigen::Index points = 0;             ///< of the standard that matter

  /// Σ over rows of products of the three with each other: how white noise adds up.
  [[nodiscard]] Eigen::Matrix3d moments() const;
  /// Row i times factor[i].
  void scale(const Eigen::VectorXd& factor);
  /// Differences of rows i+2 and i: two rows less.
  [[nodiscard]] LcfResponse differences() const;
  /// [k × r] the values times \p in [points × r].
  [[nodiscard]] Eigen::MatrixXd times(const Eigen::MatrixXd& in) const;
  /// [points × p] the transposed values times \p in [k × p].
  [[nodiscard]] Eigen::MatrixXd transposed_times(const Eigen::MatrixXd& in) const;
};

/// Standards on the grid of a spectrum, shifted and broadened: S_j(E - shift) ⊗ G(variance).
///
/// Without broadening: their cubic splines. With it: splines sampled on a uniform grid and
/// convolved with the kernel e^{-t} I_n(t), t = variance/step², Gaussian's discrete kin: its
/// variance is t exactly, it is one at t = 0 and ∂/∂t of it is half the second difference.
/// T. Lindeberg, IEEE Trans. Pattern Anal. Mach. Intell. 12, 234 (1990), doi:10.1109/34.49051.
/// Below variance 0: a linear continuation, so that estimates near none lie on both sides.
class LcfBasis {
 public:
  /// \param energy     [k] where the model is wanted, eV
  /// \param reach      eV, shift at most
  /// \param broadened  whether variance can differ from 0
  LcfBasis(const Eigen::VectorXd& energy, const std::vector<LcfStandard>& standards, double reach,
           bool broadened);

  Eigen::MatrixXd value, by_shift, by_variance;  ///< [k × n] as of the last evaluate()

  void evaluate(double shift, double variance);

  /// Of standard j. Local cubics stand for the spline: good for noise, not for the spectrum.
  [[nodiscard]] LcfResponse response(Eigen::Index j, double shift, double variance) const;

  static constexpr double least_variance = -0.1, greatest_variance = 4.0;  ///< eV²

 private:
  struct Kernel {
    Eigen::VectorXd weights, by_variance;  // [2w + 1]
  };
  static constexpr double continued = 0.1;  // eV², of the kernel whose bend goes on below zero
  [[nodiscard]] Kernel kernel(double variance) const;
  [[nodiscard]] Eigen::MatrixXd convolved(const Eigen::VectorXd& weights) const;
  void evaluate_splines(double shift);
  void convolve(double variance);
  void evaluate_broadened(double shift);

  Eigen::VectorXd energy_;
  std::vector<Eigen::Index> from_;             // of the standards: where grids_ begin
  std::vector<Eigen::VectorXd> grids_;         // of the standards
  std::vector<numeric::CubicSpline> splines_;  // of the standards, one column each
  bool broadened_;
  double step_ = 0.25;                          // eV, of the uniform grid
  Eigen::VectorXd uniform_;                     // [N]
  Eigen::MatrixXd sampled_;                     // [N × n]
  std::optional<numeric::CubicSpline> curves_;  // convolved, and by variance, at last_variance_
  double last_shift_ = 0.0, last_variance_ = 0.0;
  bool evaluated_ = false;
};

}  // namespace twin::xas
