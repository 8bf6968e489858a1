// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "xas/scattering_path.h"

/// σ² of a path's half length by temperature, from one characteristic temperature θ.
namespace twin::xas {

/// What the models know of a path.
struct ThermalPath {
  Eigen::MatrixX3d atoms;  ///< [legs × 3] Å
  Eigen::VectorXd masses;  ///< [legs] u
  double rnrmav = 0.0;     ///< Å; 0 where unknown: no Debye model
};

/// \throws Error{configuration} the path does not say its elements, or one is none
[[nodiscard]] ThermalPath thermal_path(const ScatteringPath& path);

/// σ² and its derivatives by temperature and by θ.
struct Thermal {
  double sigma2 = 0.0;  ///< Å²
  double by_temperature = 0.0, by_theta = 0.0;
};

/// Einstein: σ² = ħ²/(2 µ k θ) coth(θ/2T), 1/µ = Σ 1/mᵢ over the atoms of the path: the pair's
/// reduced mass for single scattering, a convention (Larch's) for more legs.
/// A.I. Frenkel, J.J. Rehr, Phys. Rev. B 48, 585 (1993), doi:10.1103/PhysRevB.48.585.
///
/// \param temperature  K, ≥ 0; \param theta  K, > 0
/// \return  nan outside of those
[[nodiscard]] Thermal einstein(double temperature, double theta, const ThermalPath& path);

/// Correlated Debye: σ² = (1/4) Σᵢ Σⱼ (û_i·û_j) ⟨(u_i - u_i+1)(u_j - u_j+1)⟩ over the legs i, j of
/// the path, with the displacements' correlation
/// C(R) = 3ħ²/(2 k θ √(m m')) ∫₀¹ sin(w k_D R)/(k_D R) coth(w θ/2T) dw, k_D = (9π/2)^⅓ / rnrmav.
/// One sound velocity for all modes: made for monatomic crystals, 10 % elsewhere at best.
/// E. Sevillano, H. Meuth, J.J. Rehr, Phys. Rev. B 20, 4908 (1979), doi:10.1103/PhysRevB.20.4908.
///
/// \return  nan outside of T ≥ 0, θ > 0; integrals to 1e-10 relative, some µs a pair of legs
/// \throws Error{configuration} the path does not say rnrmav
[[nodiscard]] Thermal debye(double temperature, double theta, const ThermalPath& path);

}  // namespace twin::xas
