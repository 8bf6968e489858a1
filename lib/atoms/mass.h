// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace twin::atoms {

/// Standard atomic weight of an element, u: "Cu" → 63.54; of the longest-lived isotope where there
/// is none. xraylib's table.
/// \throws Error{configuration} no such element, or its weight is not known
[[nodiscard]] double atomic_mass(const std::string& symbol);

}  // namespace twin::atoms
