// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>
#include <optional>
#include <random>

#include "core/constants.h"
#include "md/copper.h"
#include "md/reweight.h"

namespace twin::md {

// Atoms on springs to their sites: every ensemble of it is known in closed form.
inline constexpr double spring = 3.0;  // eV/Å²
inline constexpr double warm = 300.0;  // K

class Springs : public ::testing::Test {
 protected:
  void SetUp() override {
    model.structure.supercell = {2, 2, 2};
    model.temperature = warm;
    plan = make_plan(model);
    recording = drawn(warm, 1500);
  }

  // Independent frames of the canonical ensemble, two replicas.
  Recording drawn(double temperature, int frames) {
    Recording out;
    out.key = key_of(plan);
    out.thermostat = temperature;
    out.a = plan.structure.a;
    out.equilibrated = true;
    std::normal_distribution<double> normal(0, std::sqrt(boltzmann_eV * temperature / spring));
    const auto& ideal = plan.system.ideal;
    for (int r = 0; r < 2; ++r) {
      auto& replica = out.replicas.emplace_back();
      for (int i = 0; i < frames; ++i) {
        const Eigen::MatrixX3d u =
            Eigen::MatrixX3d::Zero(ideal.positions.rows(), 3).unaryExpr([&](double) {
              return normal(random);
            });
        const double energy = 0.5 * spring * u.squaredNorm();
        // U(s x) = s² U: its slope at no strain is 2 U.
        const double virial = -2 * energy / (3 * ideal.cell.determinant() * eV_per_bar_A3);
        replica.push_back(
            {(ideal.positions + u).cast<float>(), ideal.cell, temperature, energy, virial});
      }
    }
    return out;
  }

  [[nodiscard]] Reweighted at(double temperature, double a) {
    model.structure.a = a;
    plan = make_plan(model);
    shells.emplace(plan.system.ideal);
    return Reweighted(recording, plan, *shells, temperature,
                      weights_for(recording, plan, temperature));
  }

  record::Model model = copper_model();
  Plan plan;
  Recording recording;
  std::optional<Shells> shells;
  std::mt19937_64 random{5};
};

}  // namespace twin::md
