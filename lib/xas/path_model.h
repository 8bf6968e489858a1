// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "numeric/spline.h"
#include "xas/fit.h"
#include "xas/path_kernel.h"
#include "xas/scattering_path.h"

namespace twin::xas {

/// The path equation with its derivatives. With q = √(k² - etok E0), p = rep(q) + i/λ(q):
///
/// χ(k) = Im[ A amp(q)/(q (Reff+ΔR)²) · exp(-2 Reff Im p - 2 p² σ² + (2/3) p⁴ c4)
///            · exp{ i (2 q Reff + pha(q) + 2 p (ΔR - 2 σ²/Reff - (2/3) p² c3)) } ]
///
/// amp = mag · reduction, pha = phc + phase; all columns as cubic splines in q. χ is zero beyond
/// the end of FEFF's table, where its columns say nothing.
class PathModel {
 public:
  static constexpr int parameters = 6;  ///< in the order of PathValues: amplitude, e0, delta_r ...

  /// \throws Error{data} columns that disagree, fewer than four rows, reff not positive
  explicit PathModel(const ScatteringPath& path);

  /// Adds χ(k) to \p chi [m]; where \p slopes is given, sets its columns to the derivatives [m ×
  /// 6], those whose bit is in \p moving (bit 0 is amplitude's): the others are left as they come.
  /// \p k  [m] 1/Å, any order, but in order it is quicker. A point at k = 0 has no value of its
  /// own: it is extrapolated from the two that follow.
  void add(const PathValues& values, const Eigen::VectorXd& k, Eigen::Ref<Eigen::VectorXd> chi,
           Eigen::MatrixXd* slopes, unsigned moving = 63) const;

  [[nodiscard]] double reff() const { return reff_; }
  [[nodiscard]] double degeneracy() const { return degeneracy_; }
  [[nodiscard]] double kmax() const { return columns_.back(); }

 private:
  void at(double e0, const Eigen::VectorXd& k, PathPoints& out) const;

  double reff_, degeneracy_;
  numeric::CubicSpline columns_;  ///< amp, pha, rep, λ
};

}  // namespace twin::xas
