// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace twin::atoms {

/// The atomic number of a chemical symbol: "Cu" → 29, up to Lr (103).
/// \throws Error{configuration} no such element
[[nodiscard]] int atomic_number(const std::string& symbol);

}  // namespace twin::atoms
