// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "atoms/frame.h"
#include "atoms/structure.h"

namespace twin::atoms {

/// The frame as a cell, each atom a site of its own name: "Pb1", "I23", counted from 1 over all
/// atoms. \param elements  of the frame's species
[[nodiscard]] Structure structure_of(const Frame& frame, const std::vector<std::string>& elements);

}  // namespace twin::atoms
