// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "xas/fit.h"
#include "xas/noise.h"
#include "xas/thermal.h"
#include "xas/thermal_paths.h"
#include "xas/transform.h"

/// Copper at several temperatures, as one fit with expressions has it.
namespace twin::xas {

inline record::FitParameter parameter(const std::string& name, double value) {
  record::FitParameter out;
  out.name = name;
  out.value = value;
  return out;
}

inline record::PathSettings tied_path(const std::string& name) {
  record::PathSettings out;
  out.name = name;
  out.n.expression = "n*amp";
  out.r.expression = "reff*(1+alpha)";
  out.sigma2.expression = "debye(T, theta)";
  out.e0.expression = "shift";
  return out;
}

/// Copper that expands, at one temperature; noise where asked for.
inline FitData copper(const std::string& name, double temperature, double alpha, double noise = 0,
                      unsigned seed = 1) {
  FitData out;
  out.name = name;
  out.temperature = temperature;
  out.feff = {copper_pair()};
  out.paths = {tied_path("Cu-Cu.1")};
  const double sigma2 = debye(temperature, 320, thermal_path(out.feff[0])).sigma2;
  out.chi = path_chi(
      out.feff[0],
      {.amplitude = 12 * 0.9, .e0 = 3, .delta_r = alpha * out.feff[0].reff, .sigma2 = sigma2},
      k_grid(321));
  add_noise(out.chi, noise, seed);
  return out;
}

inline std::vector<record::FitParameter> series() {
  std::vector<record::FitParameter> out{parameter("amp", 1), parameter("alpha", 0),
                                        parameter("theta", 250), parameter("shift", 0)};
  out[1].each = true;
  return out;
}

}  // namespace twin::xas
