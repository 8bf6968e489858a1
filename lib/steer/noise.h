// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "steer/detector.h"

namespace twin::steer {

/// What came in, in the units that it came in.
struct Sample {
  Eigen::VectorXd value;       ///< [d] nan = missing
  Eigen::MatrixXd covariance;  ///< [d × d] random, as claimed; nan on the diagonal = not claimed
  double covariate = 0.0;      ///< that the mean without a change may be linear in; nan = missing
  double lag = 1.0;            ///< samples since the one before, > 1 behind a gap
};

/// What the mean of a stream does while nothing changes.
enum class Drift { none, linear };

/// The noise of a stream, from a baseline without a change.
struct Noise {
  std::vector<Eigen::Index> order;     ///< [m ≤ d] quantities, those that are missing least first
  std::vector<Eigen::Index> absent;    ///< left out: in less than half of the baseline, or seldom
                                       ///< together with the others
  std::vector<Eigen::Index> constant;  ///< left out: no scatter in the baseline
  std::vector<Eigen::Index> dependent;  ///< left out: follow from the others, by the covariance
  Eigen::VectorXd center;               ///< [m] mean of the baseline
  Eigen::VectorXd claimed;              ///< [m] 1 where quantities state their errors, else 0
  Eigen::VectorXd scale;   ///< [m] variance over the claimed one (over 1 where none is claimed)
  Eigen::MatrixXd factor;  ///< [m × m] L: L Lᵀ is the typical covariance, scaled
  Eigen::VectorXd phi;     ///< [m] autocorrelation at lag 1 in whitened coordinates, as used
  double phi_found = 0.0, phi_sigma = 0.0;  ///< of all coordinates together
  double second = 0.0;  ///< partial autocorrelation at lag 2: far from 0, one lag is not enough
  double chi2 = 0.0, dof = 0.0, p = 1.0;  ///< of the baseline by the claimed covariance
  double covariate_center = 0.0, covariate_scale = 1.0;
};

/// \param baseline  at least 10 samples, better 50
///
/// Errors are the claimed ones while they agree with the scatter about the null's mean: a quantity
/// whose variance disagrees (χ², Holm over quantities, 5 %) has it scaled, all together likewise;
/// by the scatter's upper limit of one standard error, as it is known no better, and to no less
/// than a tenth of a stated error. Autocorrelation at lag 1 is pooled over coordinates unless these
/// disagree (χ², 5 %; then shrunk), corrected for the fitted mean (Marriott, Pope 1954; Kendall
/// 1954), and taken at \p cautious standard errors above what was found: g = (1 + φ)/(1 - φ) too
/// small costs false alarms, too large some delay. Below 1.3 standard errors it counts as none. See
/// correlate_in_time(). \throws Error{data}  no quantity is left, or the baseline is too short
[[nodiscard]] Noise estimate_noise(const std::vector<Sample>& baseline, Drift drift,
                                   double cautious = 0.5);

/// The autocorrelation again, from all samples since the baseline began: what 50 samples tell costs
/// false alarms or delay, and a stream tells more as it goes on. Nothing else changes.
void refine_autocorrelation(Noise& noise, const std::vector<Sample>& samples, Drift drift,
                            double cautious = 0.5);

/// Makes samples white by a Noise: u = L⁻¹ (x - center), then the innovations over 1 - φ,
/// y = (u_t - φ u_(t-1)) / (1 - φ), whose mean is that of u and whose variance is
/// g = (1 + φ)/(1 - φ) times u's. Behind gaps φ^lag; where errors change, φ times their ratio. A
/// sample counts for no more than 1/g of its own error, and for nothing where its error has grown
/// so much that it would count less than a quarter of that; it is then only the next one's last.
/// It counts for no more than if its σ were a thousandth of the typical one; values or a covariate
/// 1e9 σ (spreads) away are missing.
///
/// A sample's own covariance C = L⁻¹ Σ L⁻ᵀ gives its weights: exactly where it is a multiple of the
/// typical one, else by the row sums of |C|, a diagonal that is no smaller than C. L is lower
/// triangular: where a quantity is missing its coordinate and those behind it are, the others not.
class Whitener {
 public:
  explicit Whitener(Noise noise);

  /// \return  weights of 0 where nothing is known; all, where the covariate is missing
  [[nodiscard]] White operator()(const Sample& sample);

  /// From now on by another autocorrelation.
  void set_autocorrelation(const Eigen::VectorXd& phi) { noise_.phi = phi; }

  /// The next sample has none before it.
  void restart();

  [[nodiscard]] const Noise& noise() const { return noise_; }

 private:
  Noise noise_;
  Eigen::ArrayXd last_, last_variance_, last_covariate_;  // [m] nan where unknown
  Eigen::ArrayXd since_;                                  // [m] lag to it
};

}  // namespace twin::steer
