// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "places.h"
#include "record/model.h"

namespace twin::md {

/// Pseudo-cubic CH3NH3PbI3 of 12 atoms, as share/structures/MAPbI3-cubic.cif has it: Pb, three I,
/// C, N, three H of each.
inline record::Structure mapbi3(int cells = 1) {
  record::Structure out;
  constexpr double a = 6.31, degree = std::numbers::pi / 180;
  out.a = a;
  out.supercell = {cells, cells, cells};
  for (std::size_t i = 0; i < 3; ++i) out.cell[i][i] = a;
  out.sites = {{"Pb", {0, 0, 0}}, {"I", {0.5, 0, 0}}, {"I", {0, 0.5, 0}}, {"I", {0, 0, 0.5}}};
  const auto add = [&](const char* element, double across, double along, double turn) {
    out.sites.push_back({element,
                         {0.5 + across * std::cos(turn) / a, 0.5 + across * std::sin(turn) / a,
                          0.5 + (along - 0.757) / a}});
  };
  constexpr double bond = 1.499, at_c = 107.91 * degree, at_n = 110.11 * degree;
  add("C", 0, 0, 0);
  add("N", 0, bond, 0);
  for (const double turn : {0.0, 120.0, 240.0})
    add("H", 1.091 * std::sin(at_c), 1.091 * std::cos(at_c), turn * degree);
  for (const double turn : {60.0, 180.0, 300.0})
    add("H", 1.033 * std::sin(at_n), bond - 1.033 * std::cos(at_n), turn * degree);
  return out;
}

/// Of 96 atoms at 350 K and constant pressure.
inline record::Model mapbi3_model() {
  use_own_share();
  record::Model model;
  model.name = "mapbi3";
  model.structure = mapbi3(2);
  model.temperature = 350;
  model.pressure_bar = 0;
  model.coupling = "aniso";
  model.potentials = {"myp-mapbi3"};
  model.run.timestep_fs = 1;
  model.run.friction_ps = 0.5;
  return model;
}

}  // namespace twin::md
