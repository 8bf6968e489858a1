// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/scan_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/hash.h"
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

/// The median of the steps about \p row, whichever way they go.
double usual_step(const std::vector<double>& values, std::size_t row) {
  constexpr std::size_t about = 10;
  std::vector<double> steps;
  const std::size_t end = std::min(values.size(), row + about + 1);
  for (std::size_t i = row > about ? row - about : 1; i < end; ++i)
    if (i != row) steps.push_back(std::abs(values[i] - values[i - 1]));
  if (steps.empty()) return 0;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

/// Rows at which a column that rises (\p sign 1) or falls (-1) steps back; nothing when a step is
/// no small one.
std::optional<std::vector<std::size_t>> small_back_steps(const std::vector<double>& values,
                                                         double sign) {
  std::vector<std::size_t> out;
  for (std::size_t row = 1; row < values.size(); ++row) {
    const double back = sign * (values[row - 1] - values[row]);
    if (back <= 0) continue;
    if (!(back < usual_step(values, row) / 2)) return std::nullopt;
    out.push_back(row);
  }
  return out;
}

void sort_rows(ScanFile& scan, std::size_t energy) {
  const auto& values = scan.columns[energy];
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return values[row]; });
  const auto in_order = [&](auto& column) {
    auto sorted = column;
    for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = column[order[i]];
    return sorted;
  };
  auto columns = scan.columns;
  for (auto& column : columns) column = in_order(column);
  scan.columns = std::move(columns);
  if (scan.lines.size() == order.size()) scan.lines = in_order(scan.lines);
}

/// Sorts what steps back a little, in a scan that goes either way.
void sort_small_steps(ScanFile& scan, std::size_t energy) {
  const auto& values = scan.columns[energy];
  if (values.size() < 3 || std::ranges::is_sorted(values)) return;
  const auto steps = small_back_steps(values, values.front() < values.back() ? 1 : -1);
  if (!steps || steps->empty()) return;
  const std::size_t first = steps->front();
  scan.warnings.push_back(
      place(scan, first) + ": energy steps back from " + shortest(values[first - 1]) + " to " +
      shortest(values[first]) +
      (steps->size() > 1 ? " (" + std::to_string(steps->size()) + " such steps)" : "") +
      "; less than half of the usual step: the rows were sorted");
  sort_rows(scan, energy);
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

std::string sum_of_numbers(const ScanFile& scan) {
  static_assert(std::endian::native == std::endian::little);
  Sha256 sum;
  sum.add(scan.truncated ? "truncated\n" : "whole\n");
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    const auto& column = scan.columns[i];
    sum.add(scan.names[i] + "\n" + scan.units[i] + "\n" + std::to_string(column.size()) + "\n");
    sum.add({reinterpret_cast<const char*>(column.data()), column.size() * sizeof(double)});
  }
  return sum.hexadecimal();
}

void check_scan(ScanFile& scan, std::size_t energy) {
  if (energy >= scan.columns.size())
    throw Error(Cause::data, scan.name + ": no column " + std::to_string(energy + 1) +
                                 "; there are " + std::to_string(scan.columns.size()));
  sort_small_steps(scan, energy);
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
