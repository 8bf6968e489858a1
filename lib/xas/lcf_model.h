// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "numeric/spline.h"
#include "xas/lcf_standard.h"

namespace twin::xas {

/// A matrix whose rows are zero but for a few neighbours.
struct BandedRows {
  std::vector<Eigen::Index> first;      ///< [k] column of the first value of each row
  std::vector<Eigen::VectorXd> values;  ///< [k] each row's

  [[nodiscard]] double squares() const;  ///< Σ of all
  /// Differences of rows i+2 and i, times over[i]: two rows less.
  [[nodiscard]] BandedRows differences(const Eigen::VectorXd& over) const;
  /// [columns × p] the transposed matrix times \p in [k × p]; \p columns at least as many as used.
  [[nodiscard]] Eigen::MatrixXd transposed_times(const Eigen::MatrixXd& in,
                                                 Eigen::Index columns) const;
};

/// Standards on the grid of a spectrum, shifted and broadened: S_j(E - shift) ⊗ G(variance).
///
/// Without broadening: their cubic splines. With it: splines sampled on a uniform grid and
/// convolved with the kernel e^{-t} I_n(t), t = variance/step², Gaussian's discrete kin: its
/// variance is t exactly, it is one at t = 0 and ∂/∂t of it is half the second difference.
/// T. Lindeberg, IEEE Trans. Pattern Anal. Mach. Intell. 12, 234 (1990), doi:10.1109/34.49051.
/// Below variance 0: its linear continuation, so that estimates near none lie on both sides.
class LcfBasis {
 public:
  /// \param energy     [k] where the model is wanted, eV
  /// \param reach      eV, shift at most
  /// \param broadened  whether variance can differ from 0
  LcfBasis(const Eigen::VectorXd& energy, const std::vector<LcfStandard>& standards, double reach,
           bool broadened);

  Eigen::MatrixXd value, by_shift, by_variance;  ///< [k × n] as of the last evaluate()

  void evaluate(double shift, double variance);

  /// What a unit in each point of standard j does to its column of `value`. Local cubics stand for
  /// the spline: good for noise, not for the spectrum.
  [[nodiscard]] BandedRows response(Eigen::Index j, double shift, double variance) const;

  /// Points of standard j that response() counts.
  [[nodiscard]] Eigen::Index points(Eigen::Index j) const {
    return grids_[static_cast<std::size_t>(j)].size();
  }

  static constexpr double least_variance = -0.1, greatest_variance = 4.0;  ///< eV²

 private:
  [[nodiscard]] Eigen::VectorXd kernel(double variance) const;  // [2w + 1]
  [[nodiscard]] Eigen::MatrixXd convolved(double variance) const;
  void evaluate_splines(double shift);
  void convolve(double variance);
  void evaluate_broadened(double shift);

  Eigen::VectorXd energy_;
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
