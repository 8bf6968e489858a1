// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace twin::formats {

/// What is wrong with the value of a field that XDI's dictionary defines the form of; "" where
/// nothing is, and for all other fields. Numbers and their units: the ring's energy (GeV, MeV) and
/// current (mA, A), the sample's temperature; a number alone, or with a unit: d-spacing, edge
/// energy; times by ISO 8601, a blank instead of the T, and no time zone, let pass.
/// \param name  in lower case: "facility.current"
/// Source: Dictionary of XAS Data Interchange Metadata, version 1.0.
[[nodiscard]] std::string fault_of_field(std::string_view name, std::string_view value);

}  // namespace twin::formats
