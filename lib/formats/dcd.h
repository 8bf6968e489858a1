// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "atoms/trajectory.h"

namespace twin::formats {

/// DCD, the binary trajectories of CHARMM and NAMD, of either byte order: single precision, Å, with
/// a unit cell in each frame. They name no elements. Steps are by the header's first one and
/// interval; its time step has a unit that depends on the writer, and is not taken.
///
/// A cell is orthogonal, or its angles are given in degrees; as cosines (NAMD, LAMMPS) where all
/// six numbers say so. CHARMM's shape matrix of an oblique cell is refused, and so are fixed atoms,
/// a fourth dimension and 64-bit record marks.
/// \throws Error{data}  from next(): `name: ...`
///
/// Source: the layout that CHARMM's documentation and NAMD's user guide give; the unit cell as in
/// https://docs.mdanalysis.org/stable/documentation_pages/coordinates/DCD.html
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> dcd(std::shared_ptr<std::istream> in,
                                                           const std::string& name);

/// True for the first 12 bytes of such a file.
[[nodiscard]] bool is_dcd(std::string_view head);

}  // namespace twin::formats
