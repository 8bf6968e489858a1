// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace twin::store {

using Visit = std::function<void(std::int64_t, const std::string& line)>;

/// Writes a run as NeXus HDF5, readable by libraries from 1.10 on: aside, synced, renamed. Waits
/// for another program that does so; a file that has more already stays.
///
///     /entry                 NXentry   title, start_time
///       scans_N              NXdata    measurements on one grid: [scan × energy] for each column,
///                                      energy once; [scan] names, times, ids, temperature ...
///       process_N            NXprocess one program's run: program, version, date
///         parameters         NXparameters command, seed
///         records            NXnote    [record] all that it wrote but scans, as JSON documents
///         results, states, verdicts, events
///                        NXcollection  [record] each quantity with its _errors
///         results_N          NXdata    arrays of the results on one grid: [record × k]
///
/// `default` leads from the root to a plot. `definition` (NXxas) is left out: what it demands of
/// source and monitor is not known here, and would have to be made up.
///
/// Memory for 64 MB of waiting chunks at most, and some kB for each grid and each program.
///
/// \p records  calls what it is given with each record up to \p sequence, twice the same ones
/// \p sequence  of the last record; kept as the attribute `twinline_sequence` of the root, beside
/// `twinline_sha256` of the lines that the journal has
/// \throws Error{output}  writing failed; the old file stays
void write_nexus(const std::string& path, std::int64_t sequence,
                 const std::function<void(const Visit&)>& records);

}  // namespace twin::store
