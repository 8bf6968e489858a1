// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <vector>

#include "atoms/frame.h"
#include "atoms/neighbours.h"
#include "numeric/statistics.h"
#include "record/model.h"

namespace twin::md {

/// Of one frame: moments of the bonds of the first shell about the ideal length, and how far the
/// atoms are from their sites.
struct FrameValues {
  double d1 = 0.0, d2 = 0.0,
         d3 = 0.0;  ///< ⟨d⟩, ⟨d²⟩, ⟨d³⟩ of d = |r| - r_ideal over bonds: Å, Å², Å³
  double rmsd = 0.0;         ///< Å, from the sites, the common drift removed
  double temperature = 0.0;  ///< K
  double energy_eV = 0.0;
  double virial_bar = 0.0;

  [[nodiscard]] double sigma2() const { return d2 - d1 * d1; }
};

/// Follows the bonds of the ideal crystal through a trajectory.
class FirstShell {
 public:
  /// \param ideal      the crystal at its sites
  /// \param structure  what it was built from
  FirstShell(const atoms::Frame& ideal, const record::Structure& structure);

  /// Of unwrapped positions [n × 3] in the order of the ideal crystal; temperature, energy and
  /// virial are left for the caller. Cost: bonds.
  [[nodiscard]] FrameValues of(const Eigen::MatrixX3d& positions) const;

  /// Neighbours an atom within half way to the second shell, counted afresh: an atom that has left
  /// its site is seen. Cost: a neighbour search.
  [[nodiscard]] double neighbours(const Eigen::MatrixX3d& positions) const;

  [[nodiscard]] double ideal_distance() const { return distance_; }

 private:
  atoms::Frame ideal_;
  std::vector<atoms::FixedPair> bonds_;
  double distance_ = 0.0;
  double half_way_ = 0.0;
};

/// The values of a replica's frames, one after the other.
using Trajectory = std::vector<FrameValues>;

/// A mean over replicas and time with its standard error from the statistical inefficiency of each.
/// \param value  of a frame; its mean is what is asked for
template <typename Function>
[[nodiscard]] numeric::Mean mean_over(const std::vector<Trajectory>& replicas, Function value) {
  numeric::Mean all;
  for (const Trajectory& replica : replicas) {
    std::vector<double> series;
    for (const FrameValues& frame : replica) series.push_back(value(frame));
    const numeric::Mean mean = numeric::correlated_mean(series);
    all.value += mean.value;
    all.sigma += mean.sigma * mean.sigma;
    all.n_eff += mean.n_eff;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(1, replicas.size()));
  all.value /= n;
  all.sigma = std::sqrt(all.sigma) / n;
  return all;
}

/// The first three cumulants of the bond length: mean (Å), variance (Å²), third (Å³). The error of
/// a cumulant is that of the mean of its influence function, e.g. (d - ⟨d⟩)² for the variance.
struct Cumulants {
  numeric::Mean r, sigma2, c3;
};
[[nodiscard]] Cumulants cumulants(const std::vector<Trajectory>& replicas, double ideal_distance);

/// Pressure with its kinetic part, bar. \param atoms  n: 3n - 3 degrees of freedom
[[nodiscard]] double pressure_bar(const FrameValues& frame, Eigen::Index atoms, double volume);

/// g/cm³ of atoms of one mass (u) in a volume (Å³).
[[nodiscard]] double density(Eigen::Index atoms, double mass, double volume);

}  // namespace twin::md
