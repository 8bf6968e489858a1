// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/quantity_table.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "core/units.h"

namespace twin::store {

namespace {

/// One quantity over all rows.
struct Column {
  std::string unit, method;
  std::vector<double> value, sigma, sigma_sys;

  explicit Column(std::size_t rows, const record::Quantity& first)
      : unit(first.unit), method(first.method) {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    for (auto* column : {&value, &sigma, &sigma_sys}) column->assign(rows, missing);
  }

  void set(std::size_t row, const record::Quantity& quantity) {
    // A width has no origin: it scales by the difference of two converted values (°C).
    const double zero = to_unit(0.0, quantity.unit);
    if (quantity.value) value[row] = to_unit(*quantity.value, quantity.unit);
    if (quantity.sigma) sigma[row] = to_unit(*quantity.sigma, quantity.unit) - zero;
    if (quantity.sigma_sys) sigma_sys[row] = to_unit(*quantity.sigma_sys, quantity.unit) - zero;
  }

  [[nodiscard]] double to_unit(double number, const std::string& from) const {
    return from == unit ? number : convert(number, from, unit);
  }
};

std::string dimension_of(const std::string& name) {
  const auto unit = find_unit(name);
  return unit ? unit->dimension : name;
}

bool has_numbers(const std::vector<double>& values) {
  return std::ranges::any_of(values, [](double value) { return std::isfinite(value); });
}

}  // namespace

std::string nexus_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 128 && (std::isalnum(byte) || c == '_' || c == '.') ? c : '_';
  }
  if (out.empty() || out.front() == '.') out.insert(0, "_");
  if (out.back() == '.') out += '_';
  return out;
}

std::string Names::unique(const std::string& name) {
  const std::string stem = nexus_name(name);
  std::string out = stem;
  for (int n = 2; std::ranges::find(used_, out) != used_.end(); ++n)
    out = stem + "_" + std::to_string(n);
  used_.push_back(out);
  return out;
}

void write_quantities(const hdf5::Handle& group, Names& names,
                      const std::vector<const record::Quantities*>& rows) {
  std::map<std::pair<std::string, std::string>, Column> columns;  // by name and dimension
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows[row]) continue;
    for (const auto& [name, quantity] : *rows[row])
      columns.try_emplace({name, dimension_of(quantity.unit)}, rows.size(), quantity)
          .first->second.set(row, quantity);
  }
  for (const auto& [key, column] : columns) {
    const std::string name = names.unique(key.first);
    const std::vector<std::size_t> shape{rows.size()};
    hdf5::write_numbers(group, name, column.value, shape, column.unit, key.first);
    if (has_numbers(column.sigma))
      hdf5::write_numbers(group, names.unique(name + "_errors"), column.sigma, shape, column.unit);
    if (has_numbers(column.sigma_sys))
      hdf5::write_numbers(group, names.unique(name + "_errors_sys"), column.sigma_sys, shape,
                          column.unit);
  }
}

}  // namespace twin::store
