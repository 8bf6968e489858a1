// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "atoms/frame.h"
#include "atoms/neighbours.h"
#include "atoms/pair_shells.h"
#include "md/octahedra.h"
#include "numeric/correlated.h"

namespace twin::md {

/// Moments of the bonds of a shell about the ideal length, d = |r| - r_ideal.
struct Moments {
  double d1 = 0.0, d2 = 0.0, d3 = 0.0;  ///< ⟨d⟩, ⟨d²⟩, ⟨d³⟩ over bonds: Å, Å², Å³

  [[nodiscard]] double variance() const { return d2 - d1 * d1; }
};

/// Of one frame: the bonds of each shell, and how far the atoms are from their sites.
struct FrameValues {
  std::vector<Moments> shells;  ///< as the crystal's first shells, the shortest first
  double rmsd = 0.0;            ///< Å, from the sites of the cell as it is, the drift removed
  double temperature = 0.0;     ///< K
  double energy_eV = 0.0;
  double virial_bar = 0.0;
  Eigen::Vector3d axes = Eigen::Vector3d::Zero();  ///< Å, lengths of the box
  double volume = 0.0;                             ///< Å³, of the box
  std::optional<double> force_deviation;           ///< eV/Å
  double weight = 1.0;                             ///< what the frame counts for
  std::vector<double> slopes_eV;                   ///< as Sample::slopes_eV
  OctahedronValues octahedra;                      ///< all zero where the crystal has none
};

/// The numbers of all atoms of a frame.
[[nodiscard]] std::vector<int> all_atoms(const atoms::Frame& frame);

/// Follows the bonds of the ideal crystal through a trajectory. Molecules turn: their atoms have no
/// sites and no bonds to other atoms that last, and are left out of shells and RMSD.
class Shells {
 public:
  /// \param ideal      the crystal at its sites
  /// \param framework  the atoms that have sites
  /// \param sites      [atoms] of a mixed crystal, as System::sites; empty: of any other
  /// \throws Error{configuration}  it has no two such atoms within 9 Å
  Shells(const atoms::Frame& ideal, std::vector<int> framework, const std::vector<int>& sites = {});
  explicit Shells(const atoms::Frame& ideal);  ///< all of them have

  /// Of unwrapped positions [n × 3] in the order of the ideal crystal, in the frame's own cell;
  /// temperature, energy and virial are left for the caller. Cost: bonds.
  [[nodiscard]] FrameValues of(const atoms::Frame& frame) const;

  /// [shells] Neighbours an atom of each shell's centre has within the shell's cut-off, counted
  /// afresh: an atom that has left its site is seen. Cost: a neighbour search.
  [[nodiscard]] Eigen::VectorXd neighbours(const atoms::Frame& frame) const;

  /// The first shell of each pair of species, the shortest first.
  [[nodiscard]] const std::vector<atoms::PairShell>& all() const { return shells_; }

  [[nodiscard]] const Octahedra& octahedra() const { return octahedra_; }

  /// The atoms that have sites, at them.
  [[nodiscard]] const atoms::Frame& ideal() const { return ideal_; }

 private:
  [[nodiscard]] atoms::Frame framework_of(const atoms::Frame& frame) const;

  std::vector<int> framework_;
  atoms::Frame ideal_;
  Eigen::MatrixX3d fractions_;  ///< of the sites
  std::vector<atoms::PairShell> shells_;
  std::vector<std::vector<atoms::FixedPair>> bonds_;  ///< of each shell
  double cutoff_ = 0.0;                               ///< the largest
  Octahedra octahedra_;
};

/// The values of a replica's frames, one after the other.
using Trajectory = std::vector<FrameValues>;

/// A replica's values, one a frame, and what each counts for.
struct Weighted {
  std::vector<double> values, weights;
};

/// Σwx/Σw, its standard error by the delta method: that of the mean of w (x - ⟨x⟩), from the
/// autocovariance of all replicas together (numeric/correlated.h). N_eff is the variance over the
/// standard error squared, before that is widened for how well it is known; all of the frames where
/// they are one and the same number.
[[nodiscard]] numeric::Mean weighted_mean(const std::vector<Weighted>& replicas);

/// A mean over replicas and time with its standard error from their autocovariance.
/// \param value  of a frame; its mean is what is asked for
template <typename Function>
[[nodiscard]] numeric::Mean mean_over(const std::vector<Trajectory>& replicas, Function value) {
  std::vector<Weighted> all;
  for (const Trajectory& replica : replicas) {
    Weighted series;
    for (const FrameValues& frame : replica) {
      series.values.push_back(value(frame));
      series.weights.push_back(frame.weight);
    }
    all.push_back(std::move(series));
  }
  return weighted_mean(all);
}

/// The first three cumulants of the bond length: mean (Å), variance (Å²), third (Å³). The error of
/// a cumulant is that of the mean of its influence function, e.g. (d - ⟨d⟩)² for the variance.
struct Cumulants {
  numeric::Mean r, sigma2, c3;
};
/// \param shell  index into FrameValues::shells
[[nodiscard]] Cumulants cumulants(const std::vector<Trajectory>& replicas, double ideal_distance,
                                  std::size_t shell = 0);

/// Pressure with its kinetic part, bar. \param atoms  n: 3n - 3 degrees of freedom, less one for
/// each of \p constraints
[[nodiscard]] double pressure_bar(const FrameValues& frame, Eigen::Index atoms,
                                  int constraints = 0);

/// ∂U/∂ε in eV at uniform scaling of all lengths by (1 + ε): -3 V P_virial. \param volume  Å³
[[nodiscard]] double strain_slope_eV(double volume, double virial_bar);

/// g/cm³ of a mass (u) in a volume (Å³).
[[nodiscard]] double density(double mass, double volume);

}  // namespace twin::md
