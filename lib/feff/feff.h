// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "record/model.h"
#include "xas/scattering_path.h"

/// Runs of FEFF6L (Debian's feff85exafs) in folders of their own, their outcome cached below
/// $XDG_CACHE_HOME/twinline/feff (else ~/.cache), keyed on the SHA-256 of all that goes in.
namespace twin::feff {

struct Request {
  record::Structure crystal;  ///< reference crystal, ideal
  std::string edge = "K";     ///< K, L1, L2, L3
  double rmax = 6.0;          ///< half path length, Å
  int legs = 4;
};

/// What FEFF answered, and what a record needs to say of it.
struct Paths {
  std::vector<xas::ScatteringPath> paths;  ///< by increasing reff
  std::string version;                     ///< "Feff 6L.02"
  std::string input_sha256;
};

/// All paths of the ideal crystal's absorber up to rmax and legs, none left out as weak.
/// \throws Error{unavailable} feff6l is not there, crashed or hung (last lines, folder kept)
[[nodiscard]] Paths ideal_paths(const Request& request);

/// Single-scattering paths of the absorber's own element at the given distances (Å, increasing),
/// with the potentials of the reference crystal frozen: the nodes of an xas::PairTable.
[[nodiscard]] Paths pair_nodes(const Request& request, const std::vector<double>& distances);

/// Paths of any geometry with the potentials of the reference crystal frozen, degeneracy 1, in the
/// order given. \p paths are [legs × 3] Å, absorber first, at the origin; at most 9999. About 1 ms
/// a path.
[[nodiscard]] Paths frozen_paths(const Request& request,
                                 const std::vector<Eigen::MatrixX3d>& paths);

/// One feffNNNN.dat of FEFF6L: cut off anywhere, it is refused.
/// \throws Error{data} `name:line: ...`
[[nodiscard]] xas::ScatteringPath parse_feff_dat(const std::string& text, const std::string& name);

}  // namespace twin::feff
