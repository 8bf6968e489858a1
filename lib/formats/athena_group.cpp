// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/athena_group.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "core/text.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

/// What the values of a group are over what.
struct Meaning {
  const char *axis, *values;
  const char* unit;  ///< of the axis
};

std::string argument(const AthenaGroup& group, const char* key) {
  const auto at = group.arguments.find(key);
  return at == group.arguments.end() ? "" : std::string(trim(at->second));
}

bool flag(const AthenaGroup& group, const char* key) {
  const auto value = lower(argument(group, key));
  return !value.empty() && value != "0" && value != "false";
}

/// Nothing when the group is no spectrum.
std::optional<Meaning> meaning_of(const AthenaGroup& group, std::string& why) {
  const std::string type = lower(argument(group, "datatype")),
                    record = lower(argument(group, "recordtype"));
  const auto is = [&](const char* word) { return type == word || record.starts_with(word); };
  if (is("detector") || flag(group, "is_det")) why = "a detector alone";
  if (is("background") || flag(group, "is_bkg")) why = "a background";
  if (flag(group, "is_rsp") || flag(group, "is_qsp") || is("chi(r)") || is("chi(q)"))
    why = "chi(R) or chi(q)";
  if (!why.empty()) return std::nullopt;
  if (flag(group, "is_chi") || is("chi")) return Meaning{"k", "chi", "1/Å"};
  if (flag(group, "is_pixel")) return Meaning{"pixel", "mu", ""};
  if (flag(group, "is_diff") || is("difference")) return Meaning{"energy", "difference", "eV"};
  if (flag(group, "is_nor") || is("norm")) return Meaning{"energy", "norm", "eV"};
  return Meaning{"energy", "mu", "eV"};
}

/// "Au", "l3" as "Au", "L3"; hydrogen is what Athena writes when it did not look.
void add_element(ScanFile& scan, const AthenaGroup& group) {
  std::string symbol = argument(group, "bkg_z"), edge = argument(group, "fft_edge");
  const bool letters = !symbol.empty() && symbol.size() <= 2 &&
                       std::ranges::all_of(symbol, [](unsigned char c) { return std::isalpha(c); });
  if (!letters || lower(symbol) == "h" || edge.empty()) return;
  symbol = lower(symbol);
  symbol[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(symbol[0])));
  edge[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(edge[0])));
  scan.metadata["element.symbol"] = symbol;
  scan.metadata["element.edge"] = clean(edge);
}

/// Takes \p rows alone of each column.
void keep_rows(ScanFile& scan, const std::vector<std::size_t>& rows) {
  for (auto& column : scan.columns) {
    std::vector<double> kept;
    kept.reserve(rows.size());
    for (const std::size_t row : rows) kept.push_back(column[row]);
    column = std::move(kept);
  }
}

/// Leaves out energies that are none and those that do not rise.
void put_in_order(ScanFile& scan, bool positive, const std::string& place) {
  const auto& axis = scan.columns.front();
  const std::size_t all = axis.size();
  std::vector<std::size_t> usable;
  std::vector<double> values;
  for (std::size_t row = 0; row < all; ++row)
    if (std::isfinite(axis[row]) && (!positive || axis[row] > 0)) {
      usable.push_back(row);
      values.push_back(axis[row]);
    }
  std::vector<std::size_t> rows;
  for (const std::size_t i : rising(values)) rows.push_back(usable[i]);
  if (rows.size() == all) return;
  if (rows.size() < 2 || 2 * rows.size() < all)
    throw Error(Cause::data, place + "only " + std::to_string(rows.size()) + " of " +
                                 std::to_string(all) + " " + scan.names.front() +
                                 " values are in order; a scan that rises is expected");
  std::size_t where = 0;
  while (where < rows.size() && rows[where] == where) ++where;
  keep_rows(scan, rows);
  scan.warnings.push_back(place + std::to_string(all - rows.size()) +
                          " rows were left out, the first is number " + std::to_string(where + 1) +
                          ": " + scan.names.front() + " zero or not rising");
}

void check_values(const ScanFile& scan, const std::string& place) {
  const auto& values = scan.columns[1];
  const auto bad = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
  if (bad != values.end())
    throw Error(Cause::data, place + "value " + std::to_string(bad - values.begin() + 1) + " of " +
                                 scan.names[1] + " is not a finite number");
}

/// i0, signal, stddev where they fit.
void add_others(ScanFile& scan, std::vector<std::string>& names, AthenaGroup& group,
                const std::string& place) {
  for (const char* name : {"i0", "signal", "stddev"}) {
    auto& values = group.arrays[name];
    if (values.size() < 2) continue;  // Demeter writes [null] for none
    const bool finite = std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
    if (values.size() != scan.rows() && !(group.cut && values.size() > scan.rows())) {
      scan.warnings.push_back(place + name + " has " + std::to_string(values.size()) +
                              " values for " + std::to_string(scan.rows()) +
                              " rows; it was left out");
    } else if (!finite) {
      scan.warnings.push_back(place + name + " holds what is no number; it was left out");
    } else {
      values.resize(scan.rows());
      names.emplace_back(name);
      scan.columns.push_back(std::move(values));
    }
  }
}

void add_metadata(ScanFile& scan, const AthenaGroup& group) {
  for (const auto& [key, value] : group.arguments)
    if (scan.metadata.size() < 1000 && !key.empty() && !trim(value).empty())
      scan.metadata["athena." + clean(lower(key))] = clean(value);
  add_element(scan, group);
  for (const auto& title : group.titles)
    for (const auto line : split(title, '\n'))
      if (!trim(line).empty()) add_comment(scan, line);
}

}  // namespace

std::vector<std::size_t> rising(const std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<std::size_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = i;
  const bool falls = n > 1 && values.front() > values.back() &&
                     std::ranges::is_sorted(values, std::ranges::greater{});
  const bool rises =
      std::ranges::adjacent_find(values, std::ranges::greater_equal{}) == values.end();
  if (falls || rises) return out;
  // Patience sorting: ends[k] is the place of the smallest value that ends a run of k + 1.
  constexpr auto none = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> ends, before(n, none);
  for (std::size_t i = 0; i < n; ++i) {
    const auto at =
        std::ranges::lower_bound(ends, values[i], {}, [&](auto e) { return values[e]; });
    if (at != ends.begin()) before[i] = *(at - 1);
    if (at == ends.end())
      ends.push_back(i);
    else
      *at = i;
  }
  out.clear();
  for (std::size_t i = ends.back(); i != none; i = before[i]) out.push_back(i);
  std::ranges::reverse(out);
  return out;
}

std::optional<ScanFile> scan_of(AthenaGroup& group, const AthenaProject& project,
                                std::string& why) {
  ScanFile scan;
  scan.name = project.name;
  scan.format = "athena";
  scan.label = clean(argument(group, "label"));
  if (scan.label.empty()) scan.label = clean(group.name);
  const auto meaning = meaning_of(group, why);
  if (!meaning) return std::nullopt;
  const std::string place = scan.name + (group.line > 0 ? ":" + std::to_string(group.line) : "") +
                            ": scan '" + scan.label + "': ";
  auto& x = group.arrays["x"];
  auto& y = group.arrays["y"];
  if (group.cut) {
    x.resize(std::min(x.size(), y.size()));
    y.resize(x.size());
    scan.truncated = true;
    scan.warnings.push_back(place + "the file is cut inside it; it was read as far as it goes");
  }
  if (x.size() < 2 || x.size() != y.size())
    throw Error(Cause::data, place + std::to_string(x.size()) + " values of @x and " +
                                 std::to_string(y.size()) + " of @y; as many of both are expected");
  if (std::string(meaning->axis) == "energy" && flag(group, "is_kev") && std::ranges::max(x) < 200)
    for (double& value : x) value *= 1000;
  scan.columns = {std::move(x), std::move(y)};
  std::vector<std::string> names{meaning->axis, meaning->values};
  add_others(scan, names, group, place);
  name_columns(scan, names);
  scan.units.assign(scan.columns.size(), "");
  scan.units[0] = meaning->unit;
  check_values(scan, place);
  put_in_order(scan, std::string(meaning->axis) == "energy", place);
  add_metadata(scan, group);
  if (!scan.label.empty()) scan.metadata["sample.name"] = scan.label;
  scan.stored = stored_parameters(group.arguments, project.by_larch);
  return scan;
}

}  // namespace twin::formats
