// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

namespace twin::formats {

/// Files of SPEC: headers `#F #D #C #O`, then scans `#S number command`, `#N columns`, `#L labels`
/// (two blanks or a tab between them), rows of numbers, MCA lines `@A ...` (passed over).
///
/// Each scan with rows is one; its label is its number, a repeated number gets ".2", ".3" ... All
/// counters are kept under their names. A row of the wrong length or with what is no finite number
/// is left out with a warning and the scan is `truncated`; so it is when the file ends in the
/// middle, a comment says `aborted`, or fewer rows than an `ascan` (dscan, lup, a2scan ...) asked
/// for are there. Scans without rows are passed over; how many is a warning of the last scan.
/// `metadata`: "spec.command", "spec.number", "spec.date" (of `#D`), "spec.file", "motor.NAME" (of
/// `#O` and `#P`), "comments".
///
/// \param refused  as in read_scans()
/// \throws Error{data}  `name:line: ...`: no scan with rows, one column, over 2²⁶ numbers
///
/// Source: the SPEC manual, "Standard data file format" (Certified Scientific Software).
[[nodiscard]] std::vector<ScanFile> parse_spec(std::istream& in, const std::string& name,
                                               std::vector<Error>* refused = nullptr);

}  // namespace twin::formats
