// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "record/model.h"

namespace twin {

/// The yellow phase as a model has it, Pnma written out: C.C. Stoumpos et al., Inorg. Chem. 52,
/// 9019 (2013), doi:10.1021/ic401215x.
inline record::Structure delta_cspbi3(std::array<int, 3> supercell) {
  record::Structure structure;
  structure.a = 10.4342;
  structure.supercell = supercell;
  structure.cell = {{{10.4342, 0, 0}, {0, 4.7905, 0}, {0, 0, 17.7610}}};
  const auto put = [&](const char* element, double x, double z) {
    structure.sites.push_back({element, {x, 0.25, z}});
    structure.sites.push_back({element, {0.5 - x, 0.75, z + 0.5}});
    structure.sites.push_back({element, {-x, 0.75, -z}});
    structure.sites.push_back({element, {x + 0.5, 0.25, 0.5 - z}});
  };
  put("Pb", 0.16039, 0.437970);
  put("I", 0.16322, 0.00160);
  put("I", 0.29910, 0.28729);
  put("I", 0.03191, 0.61449);
  put("Cs", 0.41564, 0.67090);
  return structure;
}

}  // namespace twin
