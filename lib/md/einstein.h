// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The correlated Einstein model: a bond as one quantum oscillator of temperature θ. It gives the
/// classical temperature at which molecular dynamics shows the quantum mean square relative
/// displacement, σ²(T) = ħ²/(2 µ k θ) coth(θ/2T).
///
/// One frequency stands for a spectrum: good to a few per cent in σ² from θ/2 upwards and at 0 K;
/// below, T is hardly identifiable, because the motion is zero-point motion.
/// Source: A.I. Frenkel, J.J. Rehr, Phys. Rev. B 48, 585 (1993), doi:10.1103/PhysRevB.48.585.
namespace twin::md {

/// θ = √(ħ²/k · T / (µ σ²)) of a classical oscillator, K.
///
/// \param temperature  K, classical, ≥ 0
/// \param reduced_mass u, of the pair
/// \param sigma2       Å², variance of the bond length at that temperature
/// \return             0 where sigma2 is not positive
[[nodiscard]] double einstein_temperature(double temperature, double reduced_mass, double sigma2);

/// T_cl = (θ/2) coth(θ/2T), K: → θ/2 for T → 0, → T for T ≫ θ. θ = 0 gives T.
[[nodiscard]] double classical_temperature(double temperature, double theta);

/// Its inverse, T = (θ/2) / atanh(θ/2T_cl); 0 where T_cl ≤ θ/2: less than zero-point motion.
[[nodiscard]] double quantum_temperature(double classical, double theta);

/// ∂T_cl/∂T = (θ/2T)² / sinh²(θ/2T): 0 at 0 K, 1 far above θ.
[[nodiscard]] double classical_per_quantum(double temperature, double theta);

}  // namespace twin::md
