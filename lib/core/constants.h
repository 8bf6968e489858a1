// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin {

/// 2 m_e / ħ² in 1/(eV Å²): k = √(etok (E - E0)). As Larch and Ifeffit have it.
inline constexpr double etok = 0.2624682917;

/// Boltzmann's constant, eV/K. CODATA 2018.
inline constexpr double boltzmann_eV = 8.617333262e-5;
inline constexpr double eV_per_bar_A3 = 6.241509074e-7;  ///< 1 bar Å³ in eV, CODATA 2018

/// ħ²/k_B in u Å² K: θ² = hbar2_over_kb T / (µ σ²) for a classical oscillator. CODATA 2018.
inline constexpr double hbar2_over_kb = 48.50875;

/// Bohr radius, Å. CODATA 2018.
inline constexpr double bohr = 0.529177210903;

}  // namespace twin
