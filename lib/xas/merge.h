// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace twin::xas {

/// One of several scans of the same.
struct Repeat {
  Eigen::VectorXd energy;  ///< [n] eV, increasing
  Eigen::VectorXd mu;      ///< [n]
};

/// A scan that was not used.
struct LeftOut {
  std::size_t index = 0;  ///< in the order given
  std::string why;
};

/// The mean of repeats.
struct Merged {
  Eigen::VectorXd energy, mu;  ///< [n] the grid of the first scan that was used
  Eigen::VectorXd sigma;       ///< [n] standard error of the mean, from the scatter
  Eigen::VectorXi scans;       ///< [n] how many reach each point
  std::vector<double> noise;   ///< of each scan given, units of µ; 0 for those left out
  double sigma_one = 0.0;      ///< of one scan, units of µ: median over the points
  double sigma_mean = 0.0;     ///< that is left in the mean: the median of sigma
  std::vector<LeftOut> left_out;
  std::vector<std::string> warnings;  ///< incomplete scans, shifted grids
};

/// Weighted mean of repeats on the grid of the first (the longest's where the first is left out or
/// incomplete). Each scan is first brought to the scale of the mean by a factor, an offset and a
/// slope, which normalisation would remove anyway: a scan that ends early then leaves no step.
/// Weights are 1/noise², the noise of a scan being the rms of its distance from the others. A scan
/// whose distance from the point-wise median is above \p reject times the median distance of all
/// is left out and reported; so are scans with fewer than 20 points, or values that aren't finite.
/// Of two scans neither can be told to be the worse: both stay.
///
/// sigma at a point is the weighted scatter there, averaged over 15 points as five scans tell
/// little of a variance, over √(effective number of scans).
///
/// \throws Error{data} no scan is left; Error{configuration} reject not above 1
/// Cost: O(scans · n). Scans on another grid are interpolated by a cubic spline.
[[nodiscard]] Merged merge(const std::vector<Repeat>& scans, double reject = 4.0);

}  // namespace twin::xas
