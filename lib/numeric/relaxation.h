// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

namespace twin::numeric {

/// What dies away in a series: A exp(-t/L), t counted in values from its beginning.
struct Relaxation {
  double amplitude = 0.0;
  double sigma = 0.0;     ///< standard error of the amplitude
  double lifetime = 0.0;  ///< L

  /// Its mean over the values [from, from + count).
  [[nodiscard]] double mean(double from, double count) const;
};

struct Relaxations {
  std::vector<Relaxation> all;  ///< one for each lifetime
  double variance = 0.0;        ///< of a mean of n values of what is left of the best, times n
};

/// Least squares of c + A exp(-t/L), at lifetimes from a 32nd of the series up to all of it, a
/// factor √2 apart; the amplitudes' errors from the autocovariance of what is left of the best of
/// them. Ordinary least squares: with its own autocovariance in the error it holds for any noise
/// that is stationary, oscillations too. Nothing where there are less than 20 values.
///
/// Cost: that of autocovariance(), and 11 n.
[[nodiscard]] Relaxations relaxations(std::span<const double> series);

}  // namespace twin::numeric
