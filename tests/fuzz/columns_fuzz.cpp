// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as columns: an Error of cause data, or a scan whose columns agree in length.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "core/error.h"
#include "formats/columns.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  try {
    const auto scan = twin::formats::parse_columns(in, "fuzz");
    if (scan.rows() == 0 || scan.lines.size() != scan.rows()) std::abort();
    if (scan.names.size() != scan.columns.size() || scan.units.size() != scan.columns.size())
      std::abort();
    for (const auto& column : scan.columns) {
      if (column.size() != scan.rows()) std::abort();
      for (const double value : column)
        if (!std::isfinite(value)) std::abort();
    }
  } catch (const twin::Error& error) {
    if (error.cause() != twin::Cause::data) std::abort();
  }
  return 0;
}
