// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// Spectra in NeXus files (HDF5).
///
/// An NXentry with the definition NXxas gives `energy` (of NXdata, of the monochromator, or of the
/// entry) and every array of its length: `i0` (of incoming_beam), `signal` (of absorbed_beam),
/// `mu` (of `intensity` or an NXdata's `data`). Any other NXentry (and NXsubentry), and a file
/// without one, gives each NXdata whose axes name an energy, k or pixel: its axis and all arrays of
/// the axis' length; arrays [scan × axis] give one scan for each. So the runs that twin-acquire
/// publishes are read. Labels: the group's path without "entry/", or "scan_names" of the group;
/// "[i]" behind it for scans without names.
/// `metadata`: "element.symbol", "element.edge", "sample.name", "nexus.title", "nexus.start_time",
/// "nexus.path".
///
/// Links out of the file and soft links are not followed, nor are numbers in other files read; at
/// most 2²⁶ numbers, 2¹⁶ objects and a depth of 16.
///
/// \param refused  as in read_scans()
/// \throws Error{data}  `name: ...`: not HDF5, damaged, no spectrum
///
/// Source: https://manual.nexusformat.org/classes/applications/NXxas.html, and the contributed
/// NXxas.
[[nodiscard]] std::vector<ScanFile> read_nexus(int file, const std::string& name,
                                               std::vector<Error>* refused = nullptr);

/// The same of the bytes of a file.
[[nodiscard]] std::vector<ScanFile> parse_nexus(const std::string& bytes, const std::string& name,
                                                std::vector<Error>* refused = nullptr);

}  // namespace twin::formats
