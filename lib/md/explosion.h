// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace twin::md {

/// Of a simulation that came apart: Error{configuration}, `lmp: WHAT: the run exploded; ...`. To
/// begin again with the same seed would end the same way.
[[nodiscard]] Error explosion(const std::string& what);

/// "atoms were lost: 4 of 108 remain after step 20".
[[nodiscard]] Error lost_atoms(std::int64_t left, std::int64_t all, std::int64_t step);

/// What LAMMPS says when that happens, where \p line is its word for it: "Lost atoms: original 108
/// current 4", "Non-numeric pressure - simulation unstable", atoms out of the range of PPPM or
/// closer than neighbour lists bear, missing bonds.
/// \param step  the last that it told of
[[nodiscard]] std::optional<Error> explosion_in(std::string_view line, std::int64_t step);

}  // namespace twin::md
