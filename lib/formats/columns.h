// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

#include "formats/scan_file.h"

namespace twin::formats {

/// Columns of numbers as text, under whatever header a beamline writes.
///
/// The header is all before the first row, with or without `# % ; ! *` in front; `key: value` lines
/// of it become metadata. Its last line names the columns when it has as many words as there are
/// columns, or one more (the first is then no name). Numbers as Fortran writes them, too; separated
/// by blanks, tabs or commas. Lines that begin with a comment sign are skipped anywhere.
/// Headers of some beamlines say it elsewhere: see known_header(). `column.2: name unit` gives
/// units. A header without comment signs may hold a table of its own (a few rows, then text again):
/// it is passed over with a warning. Order of energies is for check_scan().
///
/// \throws Error{data}  `name:line: ...`: empty, binary, no rows, ragged, not a number, nan, inf
[[nodiscard]] ScanFile parse_columns(std::istream& in, const std::string& name);

}  // namespace twin::formats
