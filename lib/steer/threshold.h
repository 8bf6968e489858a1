// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin::steer {

/// How often a change may be claimed wrongly.
struct FalseAlarms {
  double at_most = 0.05;   ///< probability, 0 .. 1
  double samples = 500.0;  ///< of one in so many samples
  bool calibrated = false;
};

/// log A at which R alarms. The bound is log(samples / at_most): no more false alarms than asked
/// for, whatever the dimensions, proven for Gaussian noise of known covariance. Calibrated it is
/// lower by what the bound was too high where false alarms were counted (tests/show/steer): see the
/// table; the rate is then a measured one, for Gaussian noise.
[[nodiscard]] double log_threshold(const FalseAlarms& allowed, int dimensions);

}  // namespace twin::steer
