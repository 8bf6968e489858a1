// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "feff/feff.h"

namespace twin::feff {

/// feff.inp of all stages for the ideal crystal's absorber.
///
/// CRITERIA 0 0: every path up to rmax and legs is kept. For fcc Cu to 6 Å and four legs these are
/// 41 (five of them single scattering) in 0.13 s; FEFF's defaults (4 %, 2.5 %) would keep 22 and
/// drop four-leg paths that add up to several per cent of the strongest. The cluster reaches 1 Å
/// beyond rmax, so that the nearest neighbour, whose potential stands for all, has its own
/// neighbours.
///
/// \throws Error{configuration} edge, element, lattice, rmax (1.5-10 Å) or legs (2-6) not possible
[[nodiscard]] std::string ideal_input(const Request& request);

/// feff.inp for genfmt alone, on the paths of a paths.dat with the potentials of a phase.bin.
[[nodiscard]] std::string genfmt_input(const Request& request);

/// paths.dat with any paths: each is [legs × 3] Å, absorber first, at the origin (where a path
/// comes by again, the absorber's potential scatters); degeneracy 1.
[[nodiscard]] std::string paths_dat(const std::string& element,
                                    const std::vector<Eigen::MatrixX3d>& paths);

}  // namespace twin::feff
