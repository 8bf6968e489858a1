// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "formats/scan_file.h"

namespace twin::formats {

/// Opens \p path (plain or gzip), sees from its content what it is, parses it.
///
/// \throws Error{no_input}  missing, a folder, unreadable
/// \throws Error{data}      `path:line: ...`: empty, binary, no numbers, NaN, ragged rows, a line
///                          longer than 1 MiB, a file larger than 1 GiB
[[nodiscard]] ScanFile read_scan(const std::string& path);

}  // namespace twin::formats
