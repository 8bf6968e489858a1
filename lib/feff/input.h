// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "feff/feff.h"

namespace twin::feff {

/// feff.inp of all stages for the absorber of the ideal crystal or structure.
///
/// CRITERIA 0 0: every path up to rmax and legs is kept. FEFF's defaults (4 %, 2.5 %) keep fewer
/// and lose as much of k χ (rms over k = 3-12 1/Å, σ² = 0.003 Å², four legs; CPU time with all
/// kept):
///
/// | absorber, rmax      | all paths | by FEFF's defaults | lost, % | all, s |
/// |---------------------|-----------|--------------------|---------|--------|
/// | fcc Cu, 6 Å         | 41        | 22                 | 4       | 0.13   |
/// | PbI2, Pb L3, 6 Å    | 8         | 5                  | 4       | 0.10   |
/// | FeS2, Fe K, 6 Å     | 153       | 48                 | 5       | 0.20   |
/// | PbTiO3, Ti K, 6 Å   | 257       | 112                | 10      | 0.32   |
/// | PbTiO3, Ti K, 8 Å   | 3022      | 260                | 14      | 3.3    |
///
/// FEFF's path finder ends at 10 000 paths (PbTiO3 at 9 Å: 8723, 8 s; 10 Å are too many): then rmax
/// or legs must be less.
///
/// The cluster of an ideal lattice reaches 1 Å beyond rmax, so that the nearest neighbour, whose
/// potential stands for all, has its own neighbours. That of a structure: structure_cluster().
///
/// \throws Error{configuration} edge, element, lattice, rmax (1.5-10 Å) or legs (2-6) not possible;
///                              as structure_cluster() and structure_input()
[[nodiscard]] std::string ideal_input(const Request& request);

using Cluster = std::vector<atoms::Neighbour>;

/// The absorber's surroundings, large enough for whole potentials. FEFF makes an element's
/// potential at its atom nearest to the absorber, from the atoms within 6.35 Å (12 bohr) of that;
/// so the cluster reaches 6.35 Å beyond the farthest of these atoms, and to rmax at least, as far
/// as 500 atoms allow (FEFF6L's limit). It matters: with 2 Å beyond rmax = 6 Å, as is usual, the
/// first shell of CsPbI3 at Pb is off by 1.7 % and the Pb-Cs shell by 8 %, against 13 Å (amplitude
/// and phase, k = 3-12 1/Å).
///
/// \throws Error{configuration} no such site; a site that is not filled whole; two atoms nearer
///                              than 0.5 Å; no other atom, or over 500, within rmax
[[nodiscard]] Cluster structure_cluster(const Request& request);

/// feff.inp of all stages for a cluster, absorber first: potential 0 is the absorber's, then one an
/// element, in the order of their nearest atoms.  \throws Error{configuration} over seven of these
[[nodiscard]] std::string structure_input(const Request& request, const Cluster& cluster);

/// The elements of the atoms but the first, in their order.
[[nodiscard]] std::vector<std::string> elements_of(const Cluster& cluster);

/// feff.inp for genfmt alone, on the paths of a paths.dat with the potentials of a phase.bin.
[[nodiscard]] std::string genfmt_input(const Request& request);

/// feff.inp of all stages but the first, for a frame on the potentials of a phase.bin of the
/// request: see frame_paths().
[[nodiscard]] std::string frame_input(const Request& request, const atoms::Structure& frame,
                                      const std::string& site);

/// A scatterer: its element and the number of its potential.
struct Scatterer {
  std::string element;
  int potential = 1;
};

/// Of the ideal crystal or structure; "" is the absorber's own element.
/// \throws Error{configuration} no such element in the cluster: says which there are
[[nodiscard]] Scatterer potential_of(const Request& request, const std::string& element);

/// paths.dat with any paths of one kind of scatterer: each is [legs × 3] Å, absorber first, at the
/// origin (where a path comes by again, the absorber's potential scatters); degeneracy 1.
[[nodiscard]] std::string paths_dat(const Scatterer& scatterer,
                                    const std::vector<Eigen::MatrixX3d>& paths);

}  // namespace twin::feff
