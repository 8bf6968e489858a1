// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

namespace twin::steer {

/// A sample in coordinates in which the noise is white: see Whitener.
struct White {
  Eigen::ArrayXd y;          ///< [d]
  Eigen::ArrayXd weight;     ///< [d] 1/variance; 0 where the coordinate is missing
  Eigen::ArrayXd covariate;  ///< [d] that the mean without a change may be linear in
};

/// How much speaks for a change so far.
struct Evidence {
  double log_sum = 0.0;  ///< log R, R the sum of e-values over starts; -infinity before the first
  double steps = 0.0;    ///< share of R that steps have, the rest are ramps
};

/// Invariant Shiryaev-Roberts e-detector: R_t = Σ_j e_jt over the samples j at which a change may
/// have begun, e_jt the likelihood ratio of the maximal invariant under shifts of the mean.
///
/// Of a regressor g (step: 1 from j on; ramp: s - j + 1), projected off the null's own {1} or
/// {1, covariate} over all samples, G = Σ w g², b = Σ w g y / G:
///   e = (1 + τG)^(-1/2) exp(½ b² G · τG / (1 + τG)) in each coordinate;
/// dense: their product, share .6; sparse: their mean; τ in {.25, 1, 8}, shares .5, .3, .2, for
/// steps, share .6, and .0016 times that for ramps. Whatever the mean was, E R_t ≤ t - learnt
/// without a change, so that P(R reaches A within n samples) ≤ n/A, for Gaussian noise of the
/// weights' variance.
///
/// Starts are thinned: of those 2^k · per_octave old, each 2^k-th stays. Dropping terms keeps the
/// bound. Sums run from each start on by themselves, not as differences of running ones.
/// E-values are floats: log R is right to 1e-5, of a hundred coordinates to 1e-3; a sparse one
/// counts up to e^80. A sample costs O(d per_octave log t). Source: J. Shin, A. Ramdas, A. Rinaldo,
/// arXiv:2203.03532.
class Detector {
 public:
  /// \param dimensions  d ≥ 1
  /// \param covariate   the null has one beside the constant
  Detector(Eigen::Index dimensions, bool covariate);

  /// A sample of the warm-up, at which no change begins.
  void learn(const White& sample);

  /// Any later one. Missing coordinates count nothing.
  /// \throws Error{internal}  another number of coordinates; values or an R that are not finite
  [[nodiscard]] Evidence add(const White& sample);

  static constexpr int per_octave = 12;

 private:
  /// Sums over the samples from a start on, r = 1, 2 ... counted from it.
  enum Sum { w, wr, wrr, wz, wrz, wy, wry, sums };

  void begin();
  void drop();
  [[nodiscard]] bool kept(long long age) const;
  void count(const White& sample);
  void sum_up(const White& sample);

  Eigen::Index d_;
  bool covariate_;
  long long t_ = 0;
  Eigen::ArrayXXd total_;             // [d × 5]: w, wz, wzz, wy, wzy
  Eigen::ArrayXXd starts_;            // [capacity × d · sums]
  std::vector<long long> beginning_;  // t of each row
  // Scratch: of each start and coordinate, steps and then ramps [capacity × 2d]; of each start.
  Eigen::ArrayXXf g_, h_;
  Eigen::ArrayXf root_, e_, sparse_, dense_, product_;
  Eigen::ArrayXd r_, square_, along_;
};

}  // namespace twin::steer
