// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/einstein.h"

#include <cmath>

#include "core/constants.h"

namespace twin::md {

double einstein_temperature(double temperature, double reduced_mass, double sigma2) {
  if (!(sigma2 > 0)) return 0;
  return std::sqrt(hbar2_over_kb * temperature / (reduced_mass * sigma2));
}

double classical_temperature(double temperature, double theta) {
  if (!(theta > 0)) return temperature;
  if (!(temperature > 0)) return theta / 2;
  return theta / 2 / std::tanh(theta / (2 * temperature));
}

double quantum_temperature(double classical, double theta) {
  if (!(theta > 0)) return classical;
  const double ratio = theta / (2 * classical);
  if (!(ratio < 1)) return 0;
  return theta / 2 / std::atanh(ratio);
}

double classical_per_quantum(double temperature, double theta) {
  if (!(theta > 0)) return 1;
  if (!(temperature > 0)) return 0;
  const double x = theta / (2 * temperature);
  if (x > 300) return 0;  // sinh² would overflow
  const double ratio = x / std::sinh(x);
  return ratio * ratio;
}

}  // namespace twin::md
