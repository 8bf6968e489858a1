// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace twin::formats {

/// A scan as a file holds it: columns and what the header says.
struct ScanFile {
  std::string format;                             ///< "xdi" or "columns"
  std::vector<std::string> names;                 ///< of the columns, lower case; "1", "2" ... when the
                                                  ///< file names none
  std::vector<std::string> units;                 ///< of the columns, canonical; "" = none given
  std::vector<std::vector<double>> columns;       ///< [column][row]
  std::map<std::string, std::string> metadata;    ///< "element.symbol": "Cu"; keys lower case
  bool truncated = false;                         ///< the last row was cut: it was left out
  std::vector<std::string> warnings;
  std::string sha256;                             ///< of the raw bytes

  [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

}  // namespace twin::formats
