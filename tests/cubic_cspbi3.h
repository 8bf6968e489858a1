// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "record/model.h"

namespace twin {

/// The cubic phase as a model has it: Pb on the corner, Cs in the middle, I between the corners.
/// \param a  Å; \param cells  of the supercell, along each axis
inline record::Structure cubic_cspbi3(double a, int cells) {
  record::Structure structure;
  structure.a = a;
  structure.supercell = {cells, cells, cells};
  structure.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
  structure.sites = {{"Pb", {0, 0, 0}},
                     {"Cs", {0.5, 0.5, 0.5}},
                     {"I", {0.5, 0, 0}},
                     {"I", {0, 0.5, 0}},
                     {"I", {0, 0, 0.5}}};
  return structure;
}

}  // namespace twin
