// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/tangents.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "md/springs.h"

namespace twin::md::tangents_test {
namespace {

class Tangents : public Springs {
 protected:
  record::Jacobian of_frames() {
    const Reweighted frames = at(warm, plan.structure.a);
    return tangents(plan, *shells, frames.production(), warm);
  }

  const double expected_sigma2 = 2 * boltzmann_eV * warm / spring;
};

// 3000 frames: the covariance of σ² and U is known to 3 %.
TEST_F(Tangents, ByTemperatureAreThoseOfTheClosedForm) {
  const record::Jacobian jacobian = of_frames();
  const double sigma2 = *jacobian.at("sigma2:Cu-Cu.1", "temperature");
  EXPECT_NEAR(sigma2, expected_sigma2 / warm, 0.1 * expected_sigma2 / warm);
  // An atom on a spring has 3/2 k of it.
  EXPECT_NEAR(*jacobian.at("potential_energy", "temperature"), 1.5 * boltzmann_eV,
              0.15 * boltzmann_eV);
}

// What scales with the cell is weighed back by the springs, which do not: their sites alone move.
TEST_F(Tangents, ByTheLatticeParameterAreThoseOfTheClosedForm) {
  const double a = plan.structure.a;
  const record::Jacobian jacobian = of_frames();
  EXPECT_NEAR(*jacobian.at("r:Cu-Cu.1", "a"), 1 / std::sqrt(2), 0.01);
  EXPECT_NEAR(*jacobian.at("sigma2:Cu-Cu.1", "a"), 0, 0.2 * expected_sigma2 / a);
  EXPECT_NEAR(*jacobian.at("rmsd", "a"), 0, 0.01);
}

TEST_F(Tangents, AreThoseOfReweighting) {
  const record::Jacobian jacobian = of_frames();
  const double step = 0.5;  // K
  const auto sigma2 = [&](double temperature) {
    const Reweighted frames = at(temperature, plan.structure.a);
    return cumulants(frames.production().replicas, shells->all()[0].r).sigma2.value;
  };
  const double secant = (sigma2(warm + step) - sigma2(warm - step)) / (2 * step);
  EXPECT_NEAR(*jacobian.at("sigma2:Cu-Cu.1", "temperature") / secant, 1, 2e-3);
}

// Of a cell that moves, where the enthalpy fluctuates: ∂⟨V⟩/∂T = cov(V, U + PV)/kT².
TEST_F(Tangents, AtConstantPressureAreThoseOfTheEnthalpy) {
  model.pressure_bar = recording.pressure_bar = 5e4;
  std::normal_distribution<double> swing(1, 0.003);
  double count = 0, v = 0, h = 0, hv = 0;
  for (auto& replica : recording.replicas)
    for (KeptFrame& frame : replica) {
      const double scale = swing(random);
      frame.cell *= scale;
      frame.positions *= static_cast<float>(scale);
      const double volume = frame.cell.determinant();
      frame.energy_eV += 0.02 * volume;  // eV: as much as the pressure does, 0.03
      const double enthalpy = frame.energy_eV + 5e4 * eV_per_bar_A3 * volume;
      ++count;
      v += volume;
      h += enthalpy;
      hv += enthalpy * volume;
    }
  const record::Jacobian jacobian = of_frames();
  const double covariance = hv / count - h / count * v / count;
  constexpr double cells = 8;  // the volume is that of one
  EXPECT_EQ(jacobian.columns, std::vector<std::string>{"temperature"});
  EXPECT_EQ(std::ranges::count(jacobian.rows, "volume"), 1);
  EXPECT_NEAR(*jacobian.at("volume", "temperature") * cells * boltzmann_eV * warm * warm,
              covariance, 1e-3 * covariance);
}

TEST_F(Tangents, LeaveOutWhatFramesDoNotTell) {
  const record::Jacobian jacobian = of_frames();
  for (const char* name : {"temperature_md", "pressure", "a", "volume"})
    EXPECT_EQ(std::ranges::count(jacobian.rows, name), 0) << name;
  EXPECT_EQ(jacobian.matrix.size(), jacobian.rows.size() * jacobian.columns.size());
  const Reweighted frames = at(warm, plan.structure.a);
  Production production = frames.production();
  production.known.virial = false;
  EXPECT_EQ(tangents(plan, *shells, production, warm).columns,
            std::vector<std::string>{"temperature"});
  production.known.energy = false;
  EXPECT_TRUE(tangents(plan, *shells, production, warm).empty());
}

}  // namespace
}  // namespace twin::md::tangents_test
