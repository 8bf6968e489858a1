// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <optional>
#include <vector>

#include "atoms/octahedra.h"

namespace twin::md {

/// Mean and mean square of an angle over a frame, rad and rad².
struct AngleMoments {
  double mean = 0.0, square = 0.0;
};

/// Of one frame. The parts of vectors are the pseudo-cubic axes a, b, c; rad, Å.
struct OctahedronValues {
  std::vector<AngleMoments> angles;  ///< as Octahedra::angles()
  double beyond_corners = 0.0;  ///< part of the octahedra that share an edge or a face with another
  Eigen::Vector3d tilt = Eigen::Vector3d::Zero();      ///< mean of |θ|
  Eigen::Vector3d in_phase = Eigen::Vector3d::Zero();  ///< staggered mean of θ, see Octahedra
  Eigen::Vector3d out_of_phase = Eigen::Vector3d::Zero();
  Eigen::Vector3d correlation = Eigen::Vector3d::Zero();  ///< Σ θ θ' / Σ θ²
  Eigen::Vector3d lengths = Eigen::Vector3d::Zero();      ///< from centre to centre
  Eigen::Vector3d cosines = Eigen::Vector3d::Zero();      ///< between b and c, c and a, a and b

  /// The mean angle at the corners: 0 where there are no octahedra.
  [[nodiscard]] double bridge() const { return angles.empty() ? 0.0 : angles.front().mean; }
};

/// An angle that is followed: of these species, the middle one at the tip.
struct FollowedAngle {
  int one = 0, tip = 0, other = 0;
};

/// Follows the octahedra of an ideal crystal through a trajectory.
///
/// θ of an octahedron is its rotation vector (axis times angle, axes on an equal footing, where
/// Euler angles depend on their order) from the pseudo-cubic axes as the cell has them to the
/// rotation that fits its six bonds best by least squares: the polar factor of the three
/// differences of opposite bonds (W. Kabsch, Acta Cryst. A 32, 922 (1976),
/// doi:10.1107/S0567739476001873).
///
/// Octahedra that share corners turn against each other across the axis of a rotation; along it
/// they may turn with or against each other: Glazer's + and - (A.M. Glazer, Acta Cryst. B 28, 3384
/// (1972), doi:10.1107/S0567740872007976). The order parameters of the two are staggered means over
/// octahedra at n = (n_a, n_b, n_c), e.g. about c
///     in phase ⟨(-1)^(n_a + n_b) θ_c⟩,   out of phase ⟨(-1)^(n_a + n_b + n_c) θ_c⟩:
/// the modes M3+ and R4+ of C.J. Howard, H.T. Stokes, Acta Cryst. B 54, 782 (1998),
/// doi:10.1107/S0108768198004200. Their means over time are static tilts; the mean of |θ| is not,
/// it has thermal motion in it. Correlations of neighbours are those of X. Liang et al., J. Phys.
/// Chem. C 127, 19141 (2023), doi:10.1021/acs.jpcc.3c03377, and J. Wiktor, E. Fransson, D. Kubicki,
/// P. Erhart, Chem. Mater. 35, 6737 (2023), doi:10.1021/acs.chemmater.3c00933.
class Octahedra {
 public:
  explicit Octahedra(const atoms::Frame& ideal) : Octahedra(ideal, ideal.species) {}

  /// Of a mixed crystal: octahedra are found by the sites, angles are told apart by the atoms.
  /// \param sites  [atoms] species before substitution
  Octahedra(const atoms::Frame& ideal, const std::vector<int>& sites);

  /// Of unwrapped positions in the order of the ideal crystal, in the frame's own cell. Cost: 20 µs
  /// for 64 octahedra, and a search for neighbours within some 4 Å for beyond_corners.
  [[nodiscard]] OctahedronValues of(const atoms::Frame& frame) const;

  /// [octahedra × 3] θ, rad. Empty without a network.
  [[nodiscard]] Eigen::MatrixX3d tilts(const atoms::Frame& frame) const;

  [[nodiscard]] bool any() const { return !octahedra_.empty(); }

  /// B-X-B at each corner first, then X-B-X between corners that are no opposites.
  [[nodiscard]] const std::vector<FollowedAngle>& angles() const { return angles_; }

  /// Nothing where octahedra share edges, or not all of their corners: then there are no tilts.
  [[nodiscard]] const std::optional<atoms::OctahedronNetwork>& network() const { return network_; }

  /// Are there three corners for each octahedron, as in ABX3?
  [[nodiscard]] bool three_corners_each() const { return three_corners_each_; }

 private:
  struct Legs {
    atoms::FixedPair one, other;  ///< from the tip, or to it
  };
  void follow_angles(const atoms::Frame& ideal);
  void add(const FollowedAngle& kind, const Legs& legs);
  /// From centres (i) to corners (j) within \p rmax.
  [[nodiscard]] std::vector<atoms::FixedPair> corner_pairs(const atoms::Frame& frame,
                                                           double rmax) const;
  [[nodiscard]] double beyond_corners(const atoms::Frame& frame) const;
  void put_tilts(const atoms::Frame& frame, OctahedronValues& values) const;

  std::vector<atoms::Octahedron> octahedra_;
  std::optional<atoms::OctahedronNetwork> network_;
  std::vector<FollowedAngle> angles_;
  std::vector<std::vector<Legs>> legs_;  ///< of each angle
  std::vector<Eigen::Index> framework_;  ///< the atoms that are centres or corners
  std::vector<bool> is_centre_;          ///< of each of them
  double cutoff_ = 0.0;                  ///< Å, up to which a corner belongs to a centre
  bool three_corners_each_ = false;
};

}  // namespace twin::md
