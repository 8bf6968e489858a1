// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

#include "formats/scan_file.h"

namespace twin::formats {

/// Opens \p path (plain or gzip), sees from its content what it is, parses it.
///
/// A pipe is read into memory first, up to 256 MiB. The energies' order is not looked at: see
/// check_scan().
///
/// \throws Error{no_input}  missing, a folder, unreadable
/// \throws Error{try_again} it changed while it was read
/// \throws Error{data}      `path:line: ...`: empty, binary, no numbers, NaN, ragged rows, a line
///                          longer than 1 MiB, a file larger than 1 GiB
[[nodiscard]] ScanFile read_scan(const std::string& path);

/// Parses what \p in holds as what its first line says it is; \p in must be able to go back to its
/// beginning by as much as that line. `sha256` stays empty.
/// \throws Error{data}  as above
[[nodiscard]] ScanFile parse_scan(std::istream& in, const std::string& name);

}  // namespace twin::formats
