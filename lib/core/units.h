// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twin {

/// A unit of the fixed list of twin-units(7).
struct Unit {
  std::string name;       ///< as records write it: "Å"
  std::string dimension;  ///< "length", "energy" ...: only units of one dimension convert
  double factor;          ///< times a value in this unit = the value in the inside unit
  double offset = 0.0;    ///< added after the factor (°C)
};

/// The unit called \p name, or by one of its aliases ("angstrom", "A^2"). Nothing when unknown.
[[nodiscard]] std::optional<Unit> find_unit(std::string_view name);

/// All units, in the order of twin-units(7).
[[nodiscard]] const std::vector<Unit>& all_units();

/// \p value given in unit \p from, expressed in \p to.
/// \throws Error{data}  a unit is unknown (with a suggestion) or the dimensions differ
[[nodiscard]] double convert(double value, std::string_view from, std::string_view to);

/// A number and its unit as people write them: "3.69 Å", "2 K", "10 %", "-2e-3".
struct Measure {
  double value = 0.0;
  std::string unit;  ///< canonical name; "" for a pure number
};

/// \throws Error{data}  not a finite number followed by at most one known unit
[[nodiscard]] Measure parse_measure(std::string_view text);

/// \p text in \p unit. A bare number is refused where \p unit is not "": numbers carry units.
/// \throws Error{data}  as parse_measure and convert
[[nodiscard]] double parse_in(std::string_view text, std::string_view unit);

}  // namespace twin
