// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "atoms/structure.h"
#include "record/structure.h"

namespace twin::atoms {

/// The atoms of a complex in the middle of its empty box, see record::Complex: the centre first.
/// \throws Error{configuration}  an element that does not exist, a distance that is not 1 to 5 Å,
///                               more than six ligands or none, or a box under 10 Å
[[nodiscard]] Structure build_complex(const record::Complex& complex);

/// \p positions [n × 3] moved and turned as a whole onto \p sites, by least squares over all atoms
/// (S. Umeyama, IEEE Trans. Pattern Anal. Mach. Intell. 13, 376 (1991), doi:10.1109/34.88573): what
/// has no angular momentum turns all the same as its shape changes.
[[nodiscard]] Eigen::MatrixX3d turned_onto(const Eigen::MatrixX3d& positions,
                                           const Eigen::MatrixX3d& sites);

}  // namespace twin::atoms
