// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "steer/detector.h"

namespace twin::steer {

/// An instant with its 95 % set, in samples of the history, both ends within it.
struct Instant {
  double best = 0.0;  ///< the most probable
  double low = 0.0, high = 0.0;
};

/// What a change looks like so far.
struct Course {
  Instant onset;          ///< of a slow change its 10 % point where it bends, its kink where not
  Instant end;            ///< likewise 90 %; only where ended is near 1
  double ended = 0.0;     ///< probability that the change is over by the newest sample
  double step = 0.0;      ///< probability that it took less than four samples
  Eigen::VectorXd shape;  ///< [n] the most probable course, 0 before it, 1 after it
};

/// The course of a change in the samples \p history, by Bayes over onsets from \p first on (an
/// index ≥ 1), shapes (step; straight; logistic) and widths (4, 4.8 ... times 2^(1/4), as long as
/// there are samples and longer): onsets as probable as each other, shapes and logarithms of widths
/// likewise.
///
/// The amplitude in each coordinate is integrated over N(0, τ), τ in {.25, 1, 8, 64}, the null's
/// mean {1} or {1, covariate} projected off: the e-value of Detector with another regressor. Sets
/// are the hull of the most probable onsets that hold 97.5 %, and reach to either side of the best
/// by a sixteenth of the course's width at least: where there is next to no noise, it is the course
/// that is not quite one of these.
///
/// Onsets of wide courses are tried every sixteenth of the width and stand for those between.
/// Cost: O(32 n d) a width, about two milliseconds for 300 samples of 6.
/// \throws Error{internal}  no sample at or behind \p first
[[nodiscard]] Course course_of_change(const std::vector<White>& history, std::size_t first,
                                      bool covariate);

}  // namespace twin::steer
