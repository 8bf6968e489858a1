// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "atoms/structure.h"

namespace twin::formats {

/// A crystal structure in CIF (S. R. Hall, F. H. Allen, I. D. Brown, Acta Cryst. A 47, 655 (1991),
/// doi:10.1107/S010876739101067X): the first data block that has atoms, read by gemmi, its symmetry
/// expanded.
///
/// - Symmetry comes from the listed operators (_space_group_symop_operation_xyz or the older
///   _symmetry_equiv_pos_as_xyz), else from the Hall or Hermann-Mauguin name, else from the number.
///   A name or number that leaves the setting or the origin open is refused, and so is a file that
///   says nothing.
/// - Copies of an atom nearer than 0.2 Å to each other are one atom on a special position: it is
///   put at their mean, so that 0.3333 becomes 1/3 where the symmetry wants it.
/// - The element is _atom_site_type_symbol without its charge (Pb2+ is Pb), else the letters of the
///   label (Pb1; CA1 could be two and is refused). D is hydrogen. Dummy atoms (_atom_site_calc_flag
///   dum) and sites of occupancy 0 are left out.
/// - An occupancy is kept as it is; who needs whole atoms asks atoms::check_ordered().
///
/// \throws Error{no_input} read_cif(): missing or unreadable
/// \throws Error{data}     `name: ...` or `name:line: ...`: not CIF, over 4 MiB, no cell, no atoms
///                         with coordinates, an element that does not exist, a number that is none,
///                         operators that can't be read, over 10 000 atoms in the cell
[[nodiscard]] atoms::Structure read_cif(const std::string& path);
[[nodiscard]] atoms::Structure parse_cif(const std::string& text, const std::string& name);

}  // namespace twin::formats
