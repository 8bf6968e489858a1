// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "md/observables.h"

namespace twin::md {

/// What is known of a perovskite's mean structure: static tilts and the shape of the pseudo-cubic
/// cell, each with its standard error.
struct PerovskiteShape {
  std::array<bool, 4> fits{true, true, true, true};  ///< as OctahedronNetwork: tilts in phase about
                                                     ///< a, b, c, and those out of phase
  std::array<numeric::Mean, 3> in_phase{}, out_of_phase{};  ///< about a, b, c, rad
  std::array<numeric::Mean, 3> against_mean{};  ///< ln of a length over the mean of the two others
  std::array<numeric::Mean, 3> between_others{};  ///< ln of the ratio of those two
  std::array<numeric::Mean, 3> shear{};           ///< cosine of the angle between those two
};

/// Of a trajectory, or of a part of it, with the errors of correlated samples.
[[nodiscard]] PerovskiteShape shape_of(const std::vector<const FrameValues*>& frames,
                                       const std::array<bool, 4>& fits);

/// How probable the phases are; together 1.
struct PhaseWeights {
  double cubic = 0.0;       ///< no static tilt, three equal axes: α, a0a0a0
  double tetragonal = 0.0;  ///< tilts about one axis, a0a0c+ (β of CsPbI3) or a0a0c-; or no tilts
                            ///< and one axis that differs
  double orthorhombic = 0.0;  ///< out of phase about two axes and in phase about the third,
                              ///< a-b+a- (γ); or tilts about two axes; or three lengths
  double other = 0.0;         ///< the other tilts about three axes, as a-a-a-
};

/// Posterior weights of phases with equal priors. A phase is its tilt patterns (Glazer's 27 signs
/// about three axes) with what they leave free of the cell, all equally probable in it. Each
/// quantity x ± σ is zero in a pattern, or free with a normal prior of width τ (10° for tilts, 2 %
/// for lengths, 0.02 for cosines); against cubic, where all are zero, a free one counts by its
/// Bayes factor
///     N(x; 0, σ² + τ²) / N(x; 0, σ²):
/// where σ is small a static tilt decides, and its absence counts by about σ/τ; where σ is large
/// nothing is decided. σ is at least 0.3° (0.1 % of the lengths): what is smaller is not told from
/// zero, and it grows by Student's variance where few independent samples stand behind it.
///
/// Patterns that don't fit the box can't be in it.
///
/// Not told apart: a crystal that is cubic on average and one of tilted domains whose tilts cancel
/// over the box. Lengths and angles that never change are held by the box, and no evidence.
/// R.E. Kass, A.E. Raftery, J. Am. Stat. Assoc. 90, 773 (1995),
/// doi:10.1080/01621459.1995.10476572.
[[nodiscard]] PhaseWeights phase_weights(const PerovskiteShape& shape);

/// The phases of a run: the mean of its replicas' weights, each by all of its frames, since each
/// may choose its axis; errors by the jackknife over four blocks a replica.
struct Phases {
  numeric::Mean cubic, tetragonal, orthorhombic, other;
  numeric::Mean delta;  ///< part of the octahedra that share edges or faces: no perovskite, as δ
};
/// \param fits  as OctahedronNetwork; nothing for octahedra that form no such network: they have no
///              tilts, what is not delta is then other
[[nodiscard]] Phases phases_of(const std::vector<Trajectory>& replicas,
                               const std::optional<std::array<bool, 4>>& fits);

}  // namespace twin::md
