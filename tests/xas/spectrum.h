// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <utility>
#include <vector>

#include "core/constants.h"

/// A spectrum in closed form: a step on a line, and a wave of one distance above it.
namespace spectrum {

inline constexpr double e0 = 9000.0, step = 1.3;

struct Shape {
  double wave = 1.0;   ///< factor of chi()
  double width = 1.5;  ///< eV, of the edge
};

inline double chi(double k) { return 0.1 * std::sin(2 * 2.5 * k) * std::exp(-0.01 * k * k); }

inline std::pair<Eigen::VectorXd, Eigen::VectorXd> make(Shape shape = {}) {
  std::vector<double> e;
  for (double x = -150; x < -20; x += 3) e.push_back(e0 + x);
  for (double x = -20; x < 20; x += 0.5) e.push_back(e0 + x);
  for (double k = std::sqrt(twin::etok * 20); k * k < twin::etok * 800; k += 0.05)
    e.push_back(e0 + k * k / twin::etok);
  const Eigen::VectorXd energy =
      Eigen::Map<Eigen::VectorXd>(e.data(), static_cast<Eigen::Index>(e.size()));
  const Eigen::VectorXd mu = energy.unaryExpr([&](double x) {
    const double k = x > e0 ? std::sqrt(twin::etok * (x - e0)) : 0.0;
    const double above = shape.width > 0.1
                             ? 0.5 + std::atan((x - e0) / shape.width) / 3.14159265358979
                             : (x < e0 ? 0.0 : 1.0);
    return 0.4 - 1e-4 * (x - e0) + step * (above + shape.wave * chi(k));
  });
  return {energy, mu};
}

}  // namespace spectrum
