// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// The linear map from χ(k) to the residuals of a fit, over the noise. By space, for each k weight
/// w:
///
/// k  k^w χ at kmin ≤ k < kmax, no window: as measured, with all distances in it
/// r  Re and Im of χ(R) at rmin ≤ R < rmax, without a window in R
/// q  Re of χ(q) at kmin ≤ q < kmax, χ(q) the back transform of χ(R) times the window in R
///
/// as Larch has them. Such rows are padded: a hundred rows of the map M carry the information of 10
/// to 25. Data and model go through the same M, so that only |M x| matters; with M = U B, U's
/// columns orthonormal, B = UᵀM has about 30 rows and |B x| = |M x|. Rows below 1e-8 of the
/// greatest are left out, which is 1e-16 in a sum of squares: nothing else is lost, and there is no
/// constant rest. In k, B is diagonal.
///
/// The noise of all k weights is one number of the data, ε(k), times factors of the settings; B has
/// those factors, and one more, so that χ² = |B (χ - model)|²/ε² is that of n_idp points for each
/// weight's share of the noise (Parseval). In r the factors are Larch's, of a window without
/// tapers.
class Projection {
 public:
  /// \throws Error{configuration} no point in the range, or no such space or window
  explicit Projection(const record::FitSettings& settings);

  /// From this thread's store of the last few settings, made where it is not there (some ms).
  [[nodiscard]] static std::shared_ptr<const Projection> get(const record::FitSettings& settings);

  [[nodiscard]] Eigen::Index first() const { return first_; }  ///< point of k with weight
  [[nodiscard]] Eigen::Index count() const { return count_; }
  [[nodiscard]] Eigen::Index rows() const { return squares_.size(); }  ///< of B: about 30
  [[nodiscard]] Eigen::Index points() const { return points_; }        ///< rows of M
  [[nodiscard]] double n_idp() const { return n_idp_; }

  /// B x of \p x [c × any] at the first c ≤ count() points, the others being zero.
  [[nodiscard]] Eigen::MatrixXd operator()(const Eigen::Ref<const Eigen::MatrixXd>& x) const;
  /// The same into \p out, [rows() × any].
  void apply(const Eigen::Ref<const Eigen::MatrixXd>& x, Eigen::MatrixXd& out) const;

  /// B diag(\p variance) Bᵀ: what noise of that variance at each k, [c ≤ count()], is in residuals.
  [[nodiscard]] Eigen::MatrixXd noise_covariance(const Eigen::VectorXd& variance) const;
  /// The same of variance 1, which is diagonal: [rows()].
  [[nodiscard]] const Eigen::VectorXd& noise_squares() const { return squares_; }

  /// Of χ(k), from χ(R) at 15 to 30 Å, where no signal is left.
  struct Noise {
    /// ε(k) that weighs: the mean of the estimates of all k weights (bands.h): each sees the same
    /// data, and none wins by the accident of its own tail.
    double weighing = 0.0;
    double white = 0.0;  ///< the same with the window's tapers reckoned: unbiased for white noise
  };
  [[nodiscard]] Noise noise(const Eigen::VectorXd& chi) const;

  /// Of χ(R) with the first k weight, for a noise \p epsilon_k of χ(k).
  [[nodiscard]] double noise_r(double epsilon_k) const { return epsilon_k / ratios_.front(); }

 private:
  void make_k();
  void make_transformed();
  [[nodiscard]] Eigen::MatrixXd to_r(const Eigen::VectorXd& scale) const;
  [[nodiscard]] Eigen::MatrixXd to_q(const Eigen::VectorXd& scale) const;

  record::FitSettings settings_;
  Eigen::Index first_ = 0, count_ = 0, points_ = 0;
  double n_idp_ = 0.0, mean_window_ = 0.0;
  Eigen::MatrixXd weights_;     ///< [nfft × weights] window times k^w
  std::vector<double> ratios_;  ///< ε(k)/ε(R) of each k weight
  bool diagonal_ = false;
  /// Bᵀ with columns of zeros up to a multiple of 8, or nothing where B is diagonal.
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> transposed_;
  Eigen::VectorXd diagonal_rows_, squares_;
};

}  // namespace twin::xas
