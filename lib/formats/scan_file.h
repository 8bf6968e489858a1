// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twin::formats {

/// A scan as a file holds it: columns and what the header says.
struct ScanFile {
  std::string name;                ///< of the file, for messages; printable
  std::string label;               ///< of the scan in its file, unique there; "" where a file holds
                                   ///< one scan
  std::string format;              ///< "xdi", "columns", "athena", "spec" or "nexus"
  std::vector<std::string> names;  ///< of the columns, lower case, each once; "1", "2" ...
                                   ///< where the file names none
  std::vector<std::string> units;  ///< of the columns, canonical; "" = none given
  std::vector<std::vector<double>>
      columns;                     ///< [column][row]; energies in eV where the file says keV
  std::vector<std::size_t> lines;  ///< [row] the line that it stood on, from 1; empty where rows
                                   ///< are not lines (Athena, NeXus)
  std::map<std::string, std::string> metadata;  ///< "element.symbol": "Cu"; keys lower case;
                                                ///< "comments": free text of the header, its lines
  std::map<std::string, double> stored;         ///< what the file says of its own reduction, by the
                                                ///< recipe's names: see athena.h
  bool truncated = false;  ///< rows are missing: the last one was cut, or the scan was ended early
  bool counted = false;    ///< its header says how many rows it will have, and all are there
  std::vector<std::string> warnings;
  std::string sha256;  ///< of the raw bytes of the file; of a SPEC file's scan from `#S` to the
                       ///< next without comments and blank lines; in HDF5 of its numbers: see
                       ///< sum_of_numbers(); else "" when read from a stream

  [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

/// The column called \p wanted (case does not count), or number \p wanted from 1.
/// \throws Error{data}  there is none; the message lists the names there are
[[nodiscard]] std::size_t column_index(const ScanFile& scan, std::string_view wanted);

/// SHA-256 of a scan's names, units and numbers (little-endian doubles), and of whether it is
/// truncated: of a file that grows, or whose bytes change though nothing in it does.
[[nodiscard]] std::string sum_of_numbers(const ScanFile& scan);

/// Makes column \p energy one that extraction can use: rising. A scan measured downwards is
/// reversed, with a warning; a repeated energy is a warning that names its line. Steps back of less
/// than half of the usual step (the median of those about it), as encoders read them, are sorted,
/// with a warning that names the first line.
/// \throws Error{data}  `file:line: energy decreases ...`
void check_scan(ScanFile& scan, std::size_t energy);

}  // namespace twin::formats
