// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/threshold.h"

#include <algorithm>
#include <cmath>

namespace twin::steer {

double log_threshold(const FalseAlarms& allowed) {
  const double bound = std::log(std::max(1.0, allowed.samples) / allowed.at_most);
  return allowed.calibrated ? std::max(0.0, bound - 1.0) : bound;
}

}  // namespace twin::steer
