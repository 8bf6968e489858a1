// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "md/copper.h"
#include "md/volumes.h"

namespace twin::md::barostat_test {
namespace {

// Derivatives by fluctuations and reweighting by pressure stand on it. 120 ps: the variance is
// known to 5 %, see the show's tangents for more. A piston as hot as the velocities that a run
// begins with has twice as much.
TEST(Barostat, VolumesVaryAsTheCompressibilityHasIt) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  record::Model model = copper_model();
  model.structure.supercell = {2, 2, 2};
  model.temperature = 300;
  model.run.replicas = 1;
  model.run.timestep_fs = 3;
  model.run.equilibrate = 3000;
  const auto at = [&](double pressure_bar, int steps) {
    model.pressure_bar = pressure_bar;
    model.run.produce = steps;
    return volumes_of_run(model);
  };
  const Volumes at_rest = at(0, 40000);
  constexpr double step = 10e3;  // bar
  const double secant = (at(-step, 5000).mean - at(step, 5000).mean) / (2 * step);
  EXPECT_NEAR(at_rest.by_pressure / secant, 1, 0.25);
  // 256 atoms, by differences: ∂a/∂T is 6.0e-5 Å/K, a 3.632 Å.
  EXPECT_NEAR(at_rest.by_temperature / at_rest.mean, 5.0e-5, 1.5e-5);
}

}  // namespace
}  // namespace twin::md::barostat_test
