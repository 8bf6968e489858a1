// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace twin::numeric {

/// Autocovariance of series of one stationary process.
struct Autocovariance {
  std::vector<double> at;  ///< [lags] γ(0), γ(1) ..., times the lag window, which ends there
  double dof = 0.0;        ///< degrees of freedom that its sum has as an estimate

  /// Σ over all lags of either sign: the variance of a mean of n, times n. At least γ(0): where
  /// values alternate the mean is known better than this says.
  [[nodiscard]] double sum() const;
};

/// From deviations from the mean of all, products added over series. The flat-top window is as wide
/// as twice the lag after which five correlations in a row are below 1.5 √(log₁₀ n / n):
/// D.N. Politis, J. Nonparametric Stat. 15, 517 (2003), doi:10.1080/10485250310001604659, who has 2
/// there; of 800 values with a correlation time of 2 that leaves out 3 % of the standard error.
///
/// What the mean has taken from the deviations is given back. Cost: n times the window.
[[nodiscard]] Autocovariance autocovariance(const std::vector<std::vector<double>>& deviations);

/// Standard error of a mean of \p count values whose autocovariance is this, widened for how well
/// it is known: 1 + 7/(8 ν) times, so that ± 1 and ± 2 of it cover as a normal deviate's within
/// 0.4 and 0.5 % from ν = 10 on (Student's need 1 + 1/(2 ν) and 1 + 5/(4 ν)).
[[nodiscard]] double standard_error(const Autocovariance& autocovariance, double count);

struct Mean {
  double value = 0.0;
  double sigma = 0.0;  ///< standard error
  double n_eff = 0.0;  ///< independent values that would give it, as they say before it is widened
};

}  // namespace twin::numeric
