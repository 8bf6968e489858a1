// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/scan_file.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace twin::formats {

namespace {

std::string place(const ScanFile& scan, std::size_t row) {
  const std::string label = scan.label.empty() ? "" : ": scan '" + scan.label + "'";
  if (row < scan.lines.size()) return scan.name + ":" + std::to_string(scan.lines[row]) + label;
  return scan.name + label + ": row " + std::to_string(row + 1);
}

void reverse_rows(ScanFile& scan) {
  for (auto& column : scan.columns) std::ranges::reverse(column);
  std::ranges::reverse(scan.lines);
  scan.warnings.push_back(scan.name + ": measured downwards in energy; its rows were reversed");
}

}  // namespace

std::size_t column_index(const ScanFile& scan, std::string_view wanted) {
  const std::string name = lower(trim(wanted));
  const auto at = std::ranges::find(scan.names, name);
  if (at != scan.names.end()) return static_cast<std::size_t>(at - scan.names.begin());
  const auto number = parse_integer(name);
  if (number && *number >= 1 && static_cast<std::size_t>(*number) <= scan.names.size())
    return static_cast<std::size_t>(*number) - 1;
  throw Error(Cause::data, scan.name + ": no column '" + printable(wanted) + "'; there are " +
                               join(scan.names, ", ") + perhaps(name, scan.names));
}

void check_scan(ScanFile& scan, std::size_t energy) {
  if (energy >= scan.columns.size())
    throw Error(Cause::data, scan.name + ": no column " + std::to_string(energy + 1) +
                                 "; there are " + std::to_string(scan.columns.size()));
  const auto& values = scan.columns[energy];
  const bool downwards = values.size() > 1 && values.front() > values.back() &&
                         std::ranges::is_sorted(values, std::ranges::greater{});
  if (downwards) reverse_rows(scan);
  std::size_t repeated = 0, first = 0;
  for (std::size_t row = 1; row < values.size(); ++row) {
    if (values[row] < values[row - 1])
      throw Error(Cause::data, place(scan, row) + ": energy decreases from " +
                                   shortest(values[row - 1]) + " to " + shortest(values[row]) +
                                   "; a scan that rises (or falls) throughout is expected");
    if (values[row] == values[row - 1] && repeated++ == 0) first = row;
  }
  if (repeated > 0)
    scan.warnings.push_back(place(scan, first) + ": energy " + shortest(values[first]) +
                            " is repeated (" + std::to_string(repeated) + " such rows)");
}

}  // namespace twin::formats
