// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "md/potentials.h"

namespace twin::md {

/// The name that a potential's file has in a worker's folder: no name of a file that LAMMPS was
/// installed with, which it would take instead.
inline constexpr const char* potential_name = "twinline.potential";

/// Whether \p text is an embedded-atom file of the potential's elements, to its last number: a
/// funcfl (pair style eam) or a setfl (eam/alloy), as LAMMPS documents them with these styles.
///
/// \param where  its name, for messages
/// \throws Error{data}  `where:line: ...`: empty, truncated, of other elements, not numbers
void check_potential_file(const Potential& potential, std::string_view text,
                          const std::string& where);

/// The content of the potential's file (folder_of()), checked; "" where it has none.
/// \throws Error{data}         as check_potential_file()
/// \throws Error{unavailable}  it is not there
[[nodiscard]] std::string potential_file(const Potential& potential);

}  // namespace twin::md
