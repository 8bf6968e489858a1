// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>

#include "formats/scan_file.h"

namespace twin::formats {

/// Writes \p scan as columns of text: `# key: value` for the metadata, a rule, a line that names
/// the columns, rows. parse_columns() of it gives the same columns and names, and the same metadata
/// where a key is one word; blanks in a name become `_`. Units are given as `# column.N: name
/// unit`. Numbers are the shortest that read back as the same.
void write_columns(std::ostream& out, const ScanFile& scan);

}  // namespace twin::formats
