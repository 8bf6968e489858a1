// SPDX-License-Identifier: GPL-3.0-or-later
// show_volumes [--seeds 8]: how the volume of crystals at constant pressure follows pressure and
// temperature, by the fluctuations of a run and by differences of others. A table: tab-separated, a
// run a line: crystal, -∂(ln V)/∂P by both (1/GPa), ∂(ln V)/∂T by both (1/K).
#include "md/volumes.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "cubic_cspbi3.h"
#include "md/copper.h"

namespace {

using twin::md::Volumes;

struct Crystal {
  const char* name;
  twin::record::Model model;
  double pressure_bar = 0.0, temperature = 0.0;  ///< the steps
};

Crystal copper() {
  Crystal out{"copper", twin::md::copper_model(), 5000, 50};
  out.model.structure.supercell = {3, 3, 3};
  out.model.temperature = 300;
  out.model.run.timestep_fs = 3;
  out.model.run.produce = 12000;
  return out;
}

Crystal perovskite() {
  Crystal out{"CsPbI3", twin::md::copper_model(), 1000, 20};
  out.model.structure = twin::cubic_cspbi3(6.29, 3);
  out.model.potentials = {"myp-cspbi3"};
  out.model.coupling = "aniso";
  out.model.temperature = 634;
  out.model.run.timestep_fs = 2;
  out.model.run.friction_ps = 0.5;
  out.model.run.equilibrate = 2000;
  out.model.run.produce = 10000;
  return out;
}

void show(const Crystal& crystal, int seed) {
  auto at = [&, run = 0](double pressure_bar, double warmer) mutable {
    twin::record::Model model = crystal.model;
    model.run.replicas = 1;
    model.pressure_bar = pressure_bar;
    *model.temperature += warmer;
    model.seed = 10 * seed + run;
    if (run++ > 0) model.run.produce /= 2;
    return twin::md::volumes_of_run(model);
  };
  constexpr double bar_per_GPa = 1e4;
  const Volumes middle = at(0, 0);
  const double p = crystal.pressure_bar, t = crystal.temperature;
  const double by_pressure = (at(-p, 0).mean - at(p, 0).mean) / (2 * p);
  const double by_temperature = (at(0, t).mean - at(0, -t).mean) / (2 * t);
  std::printf("%s\t%.6g\t%.6g\t%.6g\t%.6g\n", crystal.name,
              middle.by_pressure * bar_per_GPa / middle.mean,
              by_pressure * bar_per_GPa / middle.mean, middle.by_temperature / middle.mean,
              by_temperature / middle.mean);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  int seeds = 8;
  if (argc == 3 && std::string(argv[1]) == "--seeds") seeds = std::atoi(argv[2]);
  if (argc == 2 || argc > 3 || seeds < 1) return 64;
  for (const Crystal& crystal : {copper(), perovskite()})
    for (int seed = 1; seed <= seeds; ++seed) show(crystal, seed);
  return 0;
}
