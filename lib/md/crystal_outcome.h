// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "md/displacements.h"
#include "md/observables.h"
#include "md/pair_distribution.h"
#include "md/plan.h"
#include "md/simulate.h"

namespace twin::md {

/// What is gathered of a production run beside the values of its frames.
class Distributions {
 public:
  explicit Distributions(const Plan& plan);

  /// Frame \p index of its replica for g(r), in any order; those of several blocks at once, if need
  /// be. Cost: every tenth one a neighbour search within 10 Å; the others nothing.
  void count(const Sample& sample, std::size_t index);

  /// The next frame of its replica for the displacements, in the order of time.
  void follow(const Sample& sample);

  /// All frames so far count alike: there are displacements.
  [[nodiscard]] bool alike() const { return alike_; }

  /// g(r) (`rdf:Pb-I` over `r`) and mean square displacements (`msd:Pb` over `lag`), their errors
  /// (`delta_`), to four digits, and diffusion coefficients. Displacements of frames that do not
  /// count alike are left out, and those of frames whose time step is 0: it is not known.
  void put_in(Outcome& outcome) const;

 private:
  std::vector<std::string> species_;
  std::vector<bool> there_;  ///< [species] of which there are atoms
  bool alike_ = true;
  PairDistribution pairs_;
  Displacements displacements_;
};

/// Angles, tilts and phases of a crystal that has octahedra; nothing of one that has none.
void add_octahedra(const Plan& plan, const Octahedra& octahedra,
                   const std::vector<Trajectory>& replicas, Outcome& outcome);

}  // namespace twin::md
