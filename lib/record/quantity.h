// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/value.h"

namespace twin::record {

/// A number with its uncertainties, unit and the method that it was found by.
///
/// Two quantities of one name are comparable only when their methods are equal: a coordination
/// number from a fit and one from a cut-off of an RDF are two quantities.
struct Quantity {
  std::optional<double> value;      ///< nothing = missing
  std::optional<double> sigma;      ///< random standard uncertainty, same unit
  std::optional<double> sigma_sys;  ///< systematic standard uncertainty, same unit
  std::string unit;                 ///< of twin-units(7); "" for a pure number
  std::string method;               ///< "exafs-fit", "md-moment", "thermocouple" ...
  Value extra;                      ///< fields that we do not know

  /// √(sigma² + sigma_sys²); 0 when neither is known.
  [[nodiscard]] double sigma_total() const;
};

/// By name: kind, element pair and shell, variant: "r:Cu-Cu.1", "c3:Cu-Cu.1/c3", "e0".
using Quantities = std::map<std::string, Quantity>;

/// A matrix over named quantities, row-major [n × n], in the product of their units.
struct Covariance {
  std::vector<std::string> names;
  std::vector<double> matrix;

  [[nodiscard]] bool empty() const { return names.empty(); }
  /// The element (a, b); nothing when one of the names is not in it.
  [[nodiscard]] std::optional<double> at(const std::string& a, const std::string& b) const;
};

/// ∂(quantity)/∂(free parameter), row-major [rows × columns], in their units' ratio.
struct Jacobian {
  std::vector<std::string> rows;     ///< quantities
  std::vector<std::string> columns;  ///< free parameters
  std::vector<double> matrix;

  [[nodiscard]] bool empty() const { return matrix.empty(); }
  [[nodiscard]] std::optional<double> at(const std::string& row, const std::string& column) const;
};

/// Numbers with a shape and a unit, inline or by reference.
struct Array {
  std::vector<double> data;        ///< row-major; empty when by reference and not resolved
  std::vector<std::size_t> shape;  ///< {n} or {rows, columns}
  std::string unit;
  std::string reference;  ///< "run42.nxs::/entry/mu[17]", "" when inline
  std::string sha256;     ///< of the little-endian doubles, when by reference
};

using Arrays = std::map<std::string, Array>;

}  // namespace twin::record
