// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "xas/scattering_path.h"

namespace twin::xas {

/// A path averaged over an ensemble: path_chi() with N, ΔR = ⟨d⟩ and σ² = ⟨d²⟩ - ⟨d⟩² from the raw
/// moments of d, the deviation of the half length from reff. Splined onto one k grid once, 10 µs an
/// evaluation; its derivatives are closed forms.
class MeanPath {
 public:
  /// \throws Error{data} the path's columns end before \p k does
  MeanPath(const ScatteringPath& path, const Eigen::VectorXd& k);

  /// [m] χ(k).  \param raw  ⟨d⟩ (Å) and ⟨d²⟩ (Å²)
  [[nodiscard]] Eigen::VectorXd chi(const Eigen::Vector2d& raw) const;

  /// [m] Its change to first order when the raw moments change by \p change.
  [[nodiscard]] Eigen::VectorXd response(const Eigen::Vector2d& raw,
                                         const Eigen::Vector2d& change) const;

 private:
  [[nodiscard]] Eigen::ArrayXcd wave(const Eigen::Vector2d& raw) const;
  [[nodiscard]] Eigen::VectorXd finish(const Eigen::ArrayXcd& chi) const;

  double reff_, degeneracy_;
  Eigen::VectorXd k_;
  Eigen::ArrayXd amp_, pha_;
  Eigen::ArrayXcd p_;
};

}  // namespace twin::xas
