// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "potential/labels.h"

namespace twin::potential {

/// Density functional theory by CP2K (T.D. Kühne et al., J. Chem. Phys. 152, 194103 (2020),
/// doi:10.1063/5.0007045): PBE, GTH pseudopotentials, DZVP-MOLOPT-SR basis sets, whatever CP2K's
/// own data have for an element. For crystals with a gap: no smearing, no spin, no dispersion.
struct Cp2kSettings {
  std::string program = "cp2k.psmp";
  double cutoff_Ry = 280.0;  ///< of the plane waves of the density
  double k_spacing = 0.55;   ///< 1/Å: as many k points along an axis as keep 2π/a below it
  int most_scf_steps = 60;
  double seconds = 24 * 3600.0;  ///< a label that takes longer is given up
  int niceness = 10;
};

/// The input file: energy, forces and stress of the frame, periodic.
/// \throws Error{configuration}  a symbol that is no element's
[[nodiscard]] std::string cp2k_input(const Unlabelled& frame, const Cp2kSettings& settings);

/// Energy, forces and stress of such a run's output.
/// \throws Error{data}  `name: ...`: the SCF did not converge, the output ends too early, it lacks
///                      one of the three, or has them of other atoms
[[nodiscard]] Labels parse_cp2k(std::string_view output, const Unlabelled& frame,
                                const std::string& name);

/// Runs it in a folder of its own, which is removed.
/// \throws Error{unavailable}  CP2K is missing or failed: its last lines; Error{data} as above
[[nodiscard]] Labels label_by_cp2k(const Unlabelled& frame, const Cp2kSettings& settings);

/// "CP2K version 2023.1".  \throws Error{unavailable}  it is missing
[[nodiscard]] std::string cp2k_version(const Cp2kSettings& settings);

}  // namespace twin::potential
