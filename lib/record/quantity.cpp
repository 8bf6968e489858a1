// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/quantity.h"

#include <algorithm>
#include <cmath>

namespace twin::record {

namespace {

std::optional<std::size_t> position(const std::vector<std::string>& names,
                                    const std::string& name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - names.begin());
}

}  // namespace

double Quantity::sigma_total() const {
  return std::hypot(sigma.value_or(0), sigma_sys.value_or(0));
}

std::optional<double> Covariance::at(const std::string& a, const std::string& b) const {
  const auto i = position(names, a), j = position(names, b);
  if (!i || !j) return std::nullopt;
  return matrix.at(*i * names.size() + *j);
}

std::optional<double> Jacobian::at(const std::string& row, const std::string& column) const {
  const auto i = position(rows, row), j = position(columns, column);
  if (!i || !j) return std::nullopt;
  return matrix.at(*i * columns.size() + *j);
}

}  // namespace twin::record
