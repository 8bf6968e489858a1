// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "formats/scan_file.h"

namespace twin::formats {

/// The XAS Data Interchange format, versions 1.x: a first line `# XDI/1.0 ...`, fields
/// `# Namespace.tag: value`, free text after `# ///`, the header's end `# ---`, an optional line of
/// column labels, rows of numbers.
///
/// Strict on fields, as the format's own library: no value, no colon, no dot, two dots, a namespace
/// that begins with a digit are errors. A field that is missing or odd but does not spoil the
/// numbers (element, edge, d-spacing, a ring current that is no number, `# ---`) is a warning with
/// its line; unknown namespaces are kept.
/// Column names and units are those of `Column.N`, else of the label line, else "1", "2" ...
/// Source: B. Ravel, M. Newville, J. Phys. Conf. Ser. 712, 012148 (2016),
/// doi:10.1088/1742-6596/712/1/012148, and the specification of XDI/1.0.
///
/// \throws Error{data}  `name:line: ...`: as above, and all that is wrong with columns
[[nodiscard]] ScanFile parse_xdi(std::istream& in, const std::string& name);

/// True when \p line, the first of a file, says that the file is XDI.
[[nodiscard]] bool is_xdi(std::string_view line);

/// Writes \p scan as XDI/1.0: parse_xdi() of it gives the same columns, names, units and fields.
/// Metadata whose key has no namespace goes to namespace `Header`.
void write_xdi(std::ostream& out, const ScanFile& scan);

}  // namespace twin::formats
