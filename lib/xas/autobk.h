// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// AUTOBK on one energy grid. The background is a cubic spline of c coefficients in k, so that
/// χ(k) = d - D c is linear in them, and so is its Fourier transform below rbkg, b - A c.
/// Minimised:
///
///   |b - A c|² + s² |w (d - D c)|² at the first and last nclamp points,  s = 0.1 + 10 ⟨(b - A c)²⟩
///
/// D, A and a factorisation depend on the grid alone; only b, d and a few Gauss-Newton steps for
/// the clamps, whose scale s depends on the residual, belong to the spectrum. The number of knots
/// and their places are Larch's: 1 + 2 rbkg (kmax - kmin)/π of them, snapped to the measured
/// points. M. Newville et al., Phys. Rev. B 47, 14126 (1993), doi:10.1103/PhysRevB.47.14126.
class AutobkBasis {
 public:
  /// \param energy  [n] eV, increasing; \param e0  within it
  /// \throws Error{data} fewer than 2 1/Å or too few points between kmin and kmax
  AutobkBasis(const Eigen::VectorXd& energy, double e0, const record::AutobkSettings& settings);

  /// The basis from this thread's store of the last few grids, made where it is not there.
  [[nodiscard]] static std::shared_ptr<const AutobkBasis> get(
      const Eigen::VectorXd& energy, double e0, const record::AutobkSettings& settings);

  struct Background {
    Eigen::VectorXd mu0;  ///< [n] the background; µ itself outside of the spline's range
    Eigen::VectorXd chi;  ///< [m] (µ - µ0)(k), in units of µ
    double cost = 0.0;    ///< of the minimum
    double clamp_scale = 0.0;
    int steps = 0;
    bool converged = false;
    Eigen::VectorXd delta_chi;  ///< [m] standard error of chi by uncertainty(), else empty
    Eigen::VectorXd delta_mu0;  ///< [n] the same of mu0; 0 outside of the spline's range
  };

  /// \param mu  [n] on the grid's energies.
  [[nodiscard]] Background solve(const Eigen::VectorXd& mu) const;

  /// Fills delta_chi and delta_mu0 of an answer of solve(): the covariance of the coefficients is
  /// (JᵀJ)⁻¹ · cost/(points - coefficients), J the Jacobian of all residuals at the minimum (of the
  /// scale s too), times Student's t for 68.3 % with m (n) - c degrees of freedom. As Larch's, in
  /// the same units of µ.
  ///
  /// What it means: the misfit below rbkg (mostly the edge, which no spline follows) taken for
  /// noise. Statistical noise it understates: a spline has as many coefficients as there are
  /// independent numbers below rbkg, and removes nearly all noise there; for white noise alone the
  /// true scatter of the background is about 15 times as large. Errors are not independent from
  /// point to point (c numbers stand behind them), and the bias of a background that follows the
  /// first shell is in none of them.
  void uncertainty(Background& background) const;

  [[nodiscard]] const Eigen::VectorXd& k() const;            ///< [m] 0, 0.05 ... 1/Å
  [[nodiscard]] const record::AutobkSettings& used() const;  ///< every field filled in
  [[nodiscard]] const std::vector<std::string>& warnings() const;
  [[nodiscard]] int coefficients() const;  ///< of the spline

 private:
  struct Parts;
  std::shared_ptr<const Parts> parts_;
};

}  // namespace twin::xas
