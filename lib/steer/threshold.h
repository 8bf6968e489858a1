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
/// lower by 1.0: of Gaussian noise, 1, 2, 3, 6 and 12 dimensions, white to AR(1) 0.6, 5 % of the
/// streams of 500 samples reached log R between 7.5 and 8.3 where the bound is 9.21 (show_steer
/// nulls). The rate is then a measured one.
[[nodiscard]] double log_threshold(const FalseAlarms& allowed);

}  // namespace twin::steer
