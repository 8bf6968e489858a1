// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twin::formats {

/// What a header says about its columns when its last line does not name them.
struct KnownHeader {
  std::vector<std::string> names, units;  ///< one a column; "" = none
  std::map<std::string, std::string> metadata;
};

/// Headers of data collectors that are recognised by their wording:
///
///     9809 (Photon Factory, SPring-8, ...)  angle (deg, by the encoder), angle_asked (deg), time
///     (s),
///         then by its Mode line 1 i0, 2 i1, 3 fluorescence; metadata "mono.d_spacing"
///     SSRL EXAFS Data Collector  a name a line behind "Data:"; energies in eV
///     CLS Data Acquisition       the line `#(1)` of quoted names, one for each column of event 1
///     XDAC (NSLS)                its last line; the energy in eV
///     SLS PHOENIX                names that end in _cN, which is cut off; the energy in eV
///     ESRF ID24 runabs2          pixel, mu
///
/// \param lines  of the header without comment signs, blank lines and rules
/// \param first  the first column
/// \return nothing when the header is none of these, or names another number of columns
[[nodiscard]] std::optional<KnownHeader> known_header(const std::vector<std::string>& lines,
                                                      const std::vector<double>& first,
                                                      std::size_t width);

}  // namespace twin::formats
