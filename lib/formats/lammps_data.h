// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

#include "atoms/structure.h"

namespace twin::formats {

/// The atoms of a data file of LAMMPS (https://docs.lammps.org/read_data.html) as a crystal of one
/// cell: its box, its atoms by their numbers, lengths in Å as they stand there.
///
/// - Atom styles atomic, charge, molecular, full; which one is read from `Atoms # charge`, or from
///   the number of columns where that leaves no choice. Boxes may be tilted (`xy xz yz`).
/// - Elements: the label of a type's mass (`1 207.2 # Pb`, digits behind it left out) where it is
/// an
///   element of about that mass, else the one element whose standard weight is within 0.1 u.
/// - All else (velocities, bonds, coefficients) is passed over: charges and bonds are those of the
///   potential that the crystal is run with.
///
/// \throws Error{no_input} read_lammps_data(): missing or unreadable
/// \throws Error{data}     `name:line: ...`: no such file, over 64 MiB, no or too many atoms (over
///                         10 000), no box, an atom style that is not known, atoms or masses
///                         missing, twice there or not numbers, a mass that fits no element
[[nodiscard]] atoms::Structure read_lammps_data(const std::string& path);
[[nodiscard]] atoms::Structure parse_lammps_data(std::istream& in, const std::string& name);

}  // namespace twin::formats
