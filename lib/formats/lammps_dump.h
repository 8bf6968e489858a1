// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "atoms/trajectory.h"

namespace twin::formats {

/// LAMMPS' text dumps (`dump atom` and `dump custom`): any columns among which are coordinates as
/// x, xu, xs or xsu; wrapped ones are unwrapped by ix iy iz where those are there. Boxes are
/// orthogonal or triclinic, also given by three vectors. Atoms are put in the order of their `id`;
/// without one, in that of the file. `element` names them, `type` tells which are alike.
///
/// Lengths are Å where no ITEM: UNITS says another system; ITEM: TIME counts with ITEM: UNITS only.
/// \throws Error{data}  from next(): `name:line: ...`
///
/// Source: https://docs.lammps.org/dump.html, https://docs.lammps.org/Howto_triclinic.html
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> lammps_dump(std::shared_ptr<std::istream> in,
                                                                   const std::string& name);

}  // namespace twin::formats
