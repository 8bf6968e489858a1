// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "md/bank.h"
#include "md/observables.h"
#include "md/outcome.h"
#include "md/parallel.h"

namespace twin::md {

/// What makes frames of one ensemble frames of another.
struct Weights {
  std::vector<std::vector<double>> of_frames;  ///< [replicas][frames], their mean is 1
  std::vector<std::vector<Factors::Change>>
      changes;  ///< [replicas][frames] of the varied terms, by
                ///< the factors; nothing where they are same

  /// (Σw)²/(n Σw²): the share of the frames that is left. L. Kish, Survey Sampling (Wiley 1965).
  [[nodiscard]] double share_left() const;
};

/// w ∝ exp(-β'H' + βH): the potential's numbers as they are in \p plan, exactly; the energy of a
/// cell strained by ε to first order, U' = U + ε ∂U/∂ε. The curvature is left out: its mean
/// cancels, its fluctuations are of second order in ε.
/// A.M. Ferrenberg, R.H. Swendsen, Phys. Rev. Lett. 61, 2635 (1988),
/// doi:10.1103/PhysRevLett.61.2635.
///
/// \param thermostat  K, classical, of the target
/// \param threads     that go through frames where the potential's numbers changed
[[nodiscard]] Weights weights_for(const Recording& recording, const Plan& plan, double thermostat,
                                  unsigned threads = processors());

/// The recording's frames as those of \p plan at \p thermostat: remapped to its lattice parameter,
/// weighed, measured.
class Reweighted {
 public:
  /// \param weights  weights_for() the same
  /// \param threads  that measure; the result is the same, to the last bit, whatever their number
  Reweighted(const Recording& recording, const Plan& plan, const Shells& shells, double thermostat,
             Weights weights, unsigned threads = processors());

  /// Frames, with their weights, as a run would have produced them.
  [[nodiscard]] const Production& production() const { return production_; }

  /// Hands all frames out in the order of a run: one of each replica in turn.
  void hand_out(const Observer& observe) const;

 private:
  void measure(const Shells& shells, unsigned threads);
  void follow_displacements();
  [[nodiscard]] Sample sample(std::size_t replica, std::size_t index) const;
  [[nodiscard]] Factors::Part change(std::size_t replica, std::size_t index) const;
  [[nodiscard]] std::vector<double> slopes(std::size_t replica, std::size_t index,
                                           const atoms::Frame& frame) const;

  const Recording& recording_;
  const Plan& plan_;
  double thermostat_;
  double scale_;  ///< of all lengths
  Weights weights_;
  Production production_;
  bool measured_ = false;  ///< production_ is there
};

}  // namespace twin::md
