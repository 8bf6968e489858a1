// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <random>

namespace twin::xas {

/// Adds Gaussian noise of that \p sigma to each point.
inline void add_noise(Eigen::VectorXd& chi, double sigma, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 1);
  for (double& value : chi) value += sigma * normal(random);
}

}  // namespace twin::xas
