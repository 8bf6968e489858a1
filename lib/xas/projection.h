// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "record/recipe.h"

namespace twin::xas {

/// The linear map from χ(k) to the residuals of a fit: k weight, window, Re and Im of the transform
/// at the points of R between rmin and rmax, for each k weight in turn, over the noise.
///
/// Points of χ(R) are padded: a hundred rows of the map M carry the information of 10 to 25. Data
/// and model go through the same M, so that only |M x| matters; with M = U B, U's columns
/// orthonormal, B = UᵀM has about 30 rows and |B x| = |M x|. Rows below 1e-8 of the greatest are
/// left out, which is 1e-16 in a sum of squares: nothing else is lost, and there is no constant
/// rest.
///
/// The noise of all k weights is one number of the data, ε(k), times factors of the settings; B has
/// those factors, and √(n_idp/rows), so that χ² = |B (χ - model)|²/ε² is that of n_idp points.
class Projection {
 public:
  /// \throws Error{configuration} no point of χ(R) in the range, or no such window
  explicit Projection(const record::FitSettings& settings);

  /// From this thread's store of the last few settings, made where it is not there (some ms).
  [[nodiscard]] static std::shared_ptr<const Projection> get(const record::FitSettings& settings);

  [[nodiscard]] Eigen::Index first() const { return first_; }  ///< point of k with weight
  [[nodiscard]] Eigen::Index count() const { return rows_.cols(); }
  [[nodiscard]] const Eigen::MatrixXd& rows() const { return rows_; }  ///< B, [about 30 × count]
  [[nodiscard]] Eigen::Index points() const { return points_; }        ///< rows of M
  [[nodiscard]] double n_idp() const { return n_idp_; }

  /// ε(k), the mean of the estimates of all k weights (bands.h): each sees the same data, and none
  /// wins by the accident of its own tail.
  [[nodiscard]] double noise(const Eigen::VectorXd& chi) const;

  /// Of χ(R) with the first k weight, for a noise \p epsilon_k of χ(k).
  [[nodiscard]] double noise_r(double epsilon_k) const { return epsilon_k / ratios_.front(); }

 private:
  [[nodiscard]] Eigen::MatrixXd transform_rows(const Eigen::VectorXd& scale) const;

  record::FitSettings settings_;
  Eigen::Index first_ = 0, points_ = 0;
  double n_idp_ = 0.0, mean_window_ = 0.0;
  Eigen::MatrixXd weights_;     ///< [nfft × weights] window times k^w
  std::vector<double> ratios_;  ///< ε(k)/ε(R) of each k weight
  Eigen::MatrixXd rows_;
};

}  // namespace twin::xas
