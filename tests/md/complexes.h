// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>

#include "atoms/complex.h"
#include "atoms/crystal.h"
#include "places.h"
#include "record/model.h"

namespace twin::md {

/// Lead with so many ligands of either kind, held by restraints, at 300 K.
inline record::Model complex_of(int iodine, int oxygen) {
  use_own_share();
  record::Model model;
  model.name = "complex";
  model.structure.complex = {"Pb", {{"I", iodine, 3.18}, {"O", oxygen, 2.5}}, 30};
  model.structure.supercell = {1, 1, 1};
  atoms::put_cell(atoms::build_complex(model.structure.complex), model.structure);
  model.temperature = 300;
  model.potentials = {"iodoplumbate"};
  model.run.timestep_fs = 2;
  return model;
}

}  // namespace twin::md
