// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "atoms/frame.h"
#include "record/structure.h"

namespace twin::md {

/// The frame with the octahedra of a perovskite turned about its pseudo-cubic axes by Glazer's
/// pattern (A.M. Glazer, Acta Cryst. B 28, 3384 (1972), doi:10.1107/S0567740872007976): where a run
/// may begin. Each corner is moved across its bond to where both of its octahedra want it; bonds
/// become longer by 1/cos, the cell and all other atoms are left as they are.
///
/// \throws Error{configuration}  no octahedra that share each corner with one other; a pattern that
///                               does not come back to itself around the supercell
[[nodiscard]] atoms::Frame tilted(const atoms::Frame& ideal, const record::Tilts& tilts);

}  // namespace twin::md
