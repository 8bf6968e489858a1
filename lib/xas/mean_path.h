// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "xas/scattering_path.h"

namespace twin::xas {

/// A path averaged over an ensemble, from the moments of its shape.
///
/// With d the deviation of the half length from reff and φ_v those of the cosines, joint Gaussian,
/// p = rep + i/λ, F the complex amplitude and D_v = ∂F/∂cos θ_v (ScatteringPath::bend):
///
///   χ(k) = N Im[ (F + Σ_v D_v (⟨φ_v⟩ + 2ip cov(φ_v, d))) exp(i 2k reff - 2 reff/λ - 2p² var d
///          + 2ip (⟨d⟩ - 2 var d/reff)) / (k (reff + ⟨d⟩)²) ]
///
/// Without bend this is path_chi() with ΔR = ⟨d⟩ and σ² = var d. First order in the angles.
class MeanPath {
 public:
  /// \throws Error{data} the path's columns end before \p k does
  MeanPath(const ScatteringPath& path, const Eigen::VectorXd& k);

  /// How many raw moments it wants: ⟨d⟩, ⟨d²⟩, then all ⟨φ_v⟩, then all ⟨φ_v d⟩.
  [[nodiscard]] Eigen::Index moments() const { return 2 + 2 * angles(); }
  [[nodiscard]] Eigen::Index angles() const { return bend_.cols(); }

  /// [m] χ(k) at \p raw moments.
  [[nodiscard]] Eigen::VectorXd chi(const Eigen::VectorXd& raw) const;

  /// [m] Its change to first order when the raw moments change by \p change.
  [[nodiscard]] Eigen::VectorXd response(const Eigen::VectorXd& raw,
                                         const Eigen::VectorXd& change) const;

 private:
  [[nodiscard]] Eigen::ArrayXcd wave(const Eigen::VectorXd& raw) const;
  [[nodiscard]] Eigen::ArrayXcd amplitude(const Eigen::VectorXd& raw) const;
  [[nodiscard]] Eigen::VectorXd finish(const Eigen::ArrayXcd& chi) const;

  double reff_, degeneracy_;
  Eigen::VectorXd k_;
  Eigen::ArrayXd amp_, pha_;
  Eigen::ArrayXcd p_;
  Eigen::MatrixXcd bend_;  ///< [m × angles] over exp(i pha)
};

}  // namespace twin::xas
