// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "steer/noise.h"
#include "steer/scores.h"

namespace twin::steer {

struct RunningSettings {
  Eigen::Index components = 2;  ///< K ≥ 1
  std::size_t learn = 20;       ///< curves, ≥ 10
  Drift drift = Drift::none;    ///< of the mean of each bin
};

/// Directions of the curves themselves, without any reference.
///
/// The first curves give the mean of each bin (linear in the covariate where it drifts) and a
/// whitening of the p bins. From then on a curve x_k is its recursive residual,
///
///   r_k = W (x_k - what the mean of all before predicts) / √(1 + leverage),
///
/// which without a change is independent of all before, N(0, I) as well as W is known (R.L. Brown,
/// J. Durbin, J.M. Evans, J. R. Stat. Soc. B 37, 149 (1975)). Its scores are Pᵀ r_k: P, of K
/// orthonormal columns, spans the largest part of Σ 0.95^(k-j) r_j r_jᵀ over the curves *before*,
/// turned as near as can be to the P before it (Procrustes; P.H. Schönemann, Psychometrika 31, 1
/// (1966)): whatever P is, they are white and of unit variance. The rest,
///
///   3 √(ν/2) ((Q/ν)^⅓ - 1 + 2/(9ν)),   Q = |r|² - |Pᵀ r|²,   ν = p - K,
///
/// is a normal deviate, too (E.B. Wilson, M.M. Hilferty, PNAS 17, 684 (1931)), and is large at once
/// when something new is in the curve, which P turns to within some ten curves.
///
/// W, of few curves: the variances of bins are drawn to their neighbours' by how far they agree
/// with them; of the correlations those directions count whose variance stands above what chance
/// makes of as many curves (J. Baik, G. Ben Arous, S. Péché, Ann. Probab. 33, 1643 (2005)), with
/// the variance that new curves have along them. What is left is of no known direction, and stays
/// as it is: Follow's baseline takes its size.
///
/// One curve that is far from all others (a saturated frame) is not learnt from: |r|² beyond
/// p + 10 √(2p) times the median of the last twenty over p, or 1; among the first, a hundred times
/// the median distance² from their medians, or resistant lines (J.W. Tukey, Exploratory Data
/// Analysis (1977)). Two in a row are no accident: both are, clipped to that in the directions.
class RunningBasis {
 public:
  explicit RunningBasis(const RunningSettings& settings) : settings_(settings) {}

  /// Of a curve, by those that were taken; nothing while they are fewer than are learnt from, where
  /// the covariate is missing, or where the bins are others.
  [[nodiscard]] std::optional<Scores> scores(const Eigen::VectorXd& bins, double covariate) const;

  /// That curve is one of those before from now on.  O(p³)
  void take(const Eigen::VectorXd& bins, double covariate);

  [[nodiscard]] bool learning() const { return whitening_.size() == 0; }

  /// The first curves told nothing, and others are being learnt from: they did not scatter, or had
  /// numbers too large.
  [[nodiscard]] bool failed() const { return failed_; }

  /// From the ones before this nothing could be learnt: so it is here until a basis is.
  void assume_failed() { failed_ = true; }

  /// That curve is so far from those before that it is learnt from only if the next is, too.
  [[nodiscard]] bool is_far(const Eigen::VectorXd& bins, double covariate) const;

  /// Of the first curves, those that were not learnt from as they were far from all others.
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

  /// [p × K] P.
  [[nodiscard]] const Eigen::MatrixXd& directions() const { return directions_; }
  /// [p × p] W.
  [[nodiscard]] const Eigen::MatrixXd& whitening() const { return whitening_; }

 private:
  [[nodiscard]] Eigen::VectorXd regressors(double covariate) const;
  [[nodiscard]] Eigen::VectorXd residual(const Eigen::VectorXd& bins, double covariate) const;
  [[nodiscard]] double most() const;
  void leave_out();
  void begin();
  void learn(const Eigen::VectorXd& bins, double covariate);
  void count(const Eigen::VectorXd& white, double covariate);
  void turn();

  RunningSettings settings_;
  std::vector<Eigen::VectorXd> first_;  // until they are enough
  std::vector<double> covariates_;      // of these
  double center_ = 0.0, scale_ = 1.0;   // of the covariate
  Eigen::MatrixXd whitening_;
  Eigen::MatrixXd squares_, products_;    // Σ g gᵀ, Σ g (W x)ᵀ of the regressors g
  Eigen::MatrixXd scatter_, directions_;  // Σ 0.95^(k-j) r rᵀ; P
  std::deque<double> recent_;             // |r|² of the newest that were taken
  std::optional<std::pair<Eigen::VectorXd, double>> far_;  // the newest, if it waits for the next
  bool far_before_ = false;                                // the newest
  bool failed_ = false;
  std::size_t left_out_ = 0;
};

/// [p × p] W of residuals [n × p] about means that took \p parameters: see above.
[[nodiscard]] Eigen::MatrixXd whitening_of(const Eigen::MatrixXd& residuals, double parameters);

}  // namespace twin::steer
