// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <random>
#include <vector>

namespace twin::numeric {

/// An autoregressive series: x' = φ x + noise of variance 1; its correlation time is known in
/// closed form.
inline std::vector<double> autoregressive(std::size_t n, double phi, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> series(n);
  double x = normal(random) / std::sqrt(1 - phi * phi);
  for (double& value : series) {
    value = x;
    x = phi * x + normal(random);
  }
  return series;
}

}  // namespace twin::numeric
