// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <string>

#include "places.h"
#include "process/child.h"
#include "record/model.h"

namespace twin::md {

/// A copper crystal of 256 atoms at 295 K.
inline record::Model copper_model() {
  use_own_share();
  record::Model model;
  model.name = "copper";
  model.structure.element = "Cu";
  model.structure.a = 3.615;
  model.temperature = 295;
  model.potentials = {"Cu_mishin1"};
  return model;
}

}  // namespace twin::md
