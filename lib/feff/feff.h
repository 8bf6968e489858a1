// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atoms/structure.h"
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
  std::optional<atoms::Structure> structure = {};  ///< instead of crystal
  std::string absorber = {};                       ///< in structure: the element of the edge
  std::string site = {};  ///< in structure: the absorber's label; "" = the first of its element
};

/// What FEFF answered, and what a record needs to say of it.
struct Paths {
  std::vector<xas::ScatteringPath> paths;  ///< by increasing reff
  std::string version;                     ///< "Feff 6L.02"
  std::string input_sha256;
};

/// All paths of the absorber in the ideal crystal or structure, up to rmax and legs, none left out
/// as weak.
/// \throws Error{configuration} no such site, partial occupancies, more elements than FEFF takes
///                              or paths than its path finder can list
/// \throws Error{unavailable}   feff6l is not there, crashed or hung (last lines, folder kept)
[[nodiscard]] Paths ideal_paths(const Request& request);

/// The shell that a name means: "Pb-I.2" is the second shell of I around the absorber Pb, single
/// scattering; it counts among that pair's shells by distance. Paths of one scatterer's element
/// within 0.02 Å of the nearest of them are one shell (no spectrum tells them apart): degeneracies
/// add up, reff is their mean, the columns are those of the path nearest to it.
/// The result is named as asked for.
/// \throws Error{configuration} not of the form A-B.n, another absorber, no such shell: says which
///                              there are
[[nodiscard]] xas::ScatteringPath choose(const Paths& paths, const std::string& name);

/// Path \p index of the list, from 1.  \throws Error{configuration} no such path
[[nodiscard]] xas::ScatteringPath choose(const Paths& paths, int index);

/// Single-scattering paths of \p scatterer ("": the absorber's own element) at the given distances
/// (Å, increasing), with the potentials of the reference crystal frozen: the nodes of an
/// xas::PairTable.  \throws Error{configuration} no such element near the absorber
[[nodiscard]] Paths pair_nodes(const Request& request, const std::vector<double>& distances,
                               const std::string& scatterer = {});

/// Paths of any geometry in an ideal lattice, with the potentials of the reference crystal frozen,
/// degeneracy 1, in the order given. \p paths are [legs × 3] Å, absorber first, at the origin; at
/// most 9999. About 1 ms a path.
[[nodiscard]] Paths frozen_paths(const Request& request,
                                 const std::vector<Eigen::MatrixX3d>& paths);

/// All paths of the absorber at \p site (its label) of \p frame, a structure whose atoms are off
/// their places, up to rmax and legs, none left out as weak; the potentials are those of the
/// request's own crystal or structure, frozen. Not kept in the cache: no frame comes again.
/// \throws Error{configuration} as ideal_paths(); an element that the request's structure lacks
[[nodiscard]] Paths frame_paths(const Request& request, const atoms::Structure& frame,
                                const std::string& site);

/// One feffNNNN.dat of FEFF6L or FEFF8L: cut off anywhere, it is refused.
/// \throws Error{data} `name:line: ...`
[[nodiscard]] xas::ScatteringPath parse_feff_dat(const std::string& text, const std::string& name);

/// The same from a file, at most 1 MiB.  \throws Error{no_input} it can't be read
[[nodiscard]] xas::ScatteringPath read_feff_dat(const std::string& path);

}  // namespace twin::feff
