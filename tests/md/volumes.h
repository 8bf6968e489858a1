// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <cmath>

#include "core/constants.h"
#include "md/simulate.h"

namespace twin::md {

/// Of the volumes of a run at constant pressure: what they are, and what their fluctuations say of
/// ⟨V⟩ at other pressures and temperatures.
struct Volumes {
  double mean = 0.0;            ///< Å³
  double by_pressure = 0.0;     ///< -∂⟨V⟩/∂P = var V/kT, Å³/bar
  double by_temperature = 0.0;  ///< ∂⟨V⟩/∂T = cov(V, U + PV)/kT², Å³/K
};

/// \param model  at constant pressure, with a temperature
inline Volumes volumes_of_run(const record::Model& model) {
  double count = 0, v = 0, vv = 0, h = 0, hv = 0, first_v = 0, first_h = 0;
  const auto take = [&](const Sample& sample) {
    double volume = std::abs(sample.frame.cell.determinant());
    double enthalpy = sample.energy_eV + *model.pressure_bar * eV_per_bar_A3 * volume;
    if (count == 0) {
      first_v = volume;
      first_h = enthalpy;
    }
    ++count;
    volume -= first_v;
    enthalpy -= first_h;
    v += volume;
    vv += volume * volume;
    h += enthalpy;
    hv += enthalpy * volume;
  };
  Engine().run(model, take, {});
  v /= count;
  h /= count;
  const double kT = boltzmann_eV * *model.temperature;
  return {first_v + v, (vv / count - v * v) * eV_per_bar_A3 / kT,
          (hv / count - h * v) / (kT * *model.temperature)};
}

}  // namespace twin::md
