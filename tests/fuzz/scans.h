// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdlib>
#include <set>
#include <vector>

#include "core/error.h"
#include "formats/scan_file.h"

/// What every parser of several scans promises, whatever bytes it was given.
inline void check_scans(const std::vector<twin::formats::ScanFile>& scans,
                        const std::vector<twin::Error>& refused) {
  if (scans.empty() && refused.empty()) std::abort();
  for (const auto& error : refused)
    if (error.cause() != twin::Cause::data) std::abort();
  std::set<std::string> labels;
  for (const auto& scan : scans) {
    if (!labels.insert(scan.label).second) std::abort();
    if (scan.rows() == 0 || scan.columns.size() < 2) std::abort();
    if (!scan.lines.empty() && scan.lines.size() != scan.rows()) std::abort();
    if (scan.names.size() != scan.columns.size() || scan.units.size() != scan.columns.size())
      std::abort();
    for (const auto& column : scan.columns) {
      if (column.size() != scan.rows()) std::abort();
      for (const double value : column)
        if (!std::isfinite(value)) std::abort();
    }
    for (const auto& [name, value] : scan.stored)
      if (!std::isfinite(value)) std::abort();
  }
}
