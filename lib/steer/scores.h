// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <utility>

#include "numeric/spline.h"

namespace twin::steer {

/// A curve as a result has it.
struct Curve {
  Eigen::VectorXd axis;    ///< [n] increasing
  Eigen::VectorXd values;  ///< [n]
};

/// What a curve is in a few directions.
struct Scores {
  Eigen::VectorXd along;  ///< [K] of each direction
  double rest = 0.0;      ///< how much is in none of them
};

/// Axis and values are as many, finite, and the axis increases.
[[nodiscard]] bool is_whole(const Curve& curve);

/// Directions that were found in curves before, as the components of a series.
class TrainedBasis {
 public:
  /// \param axis        [m] increasing, m ≥ 4
  /// \param components  [K × m] rows
  /// \throws Error{data}  shapes disagree, not finite, not increasing, rows that depend on each
  ///         other, or as many as points; so small that their inverse is not finite
  TrainedBasis(Eigen::VectorXd axis, const Eigen::MatrixXd& components);

  /// Least squares on the rows; the rest is the rms of what they leave, in units of the curve.
  /// \return  nothing where reaches() says no, or numbers are too large
  /// \throws Error{data}  is_whole() says no
  [[nodiscard]] std::optional<Scores> operator()(const Curve& curve);

  /// The curve reaches over the axis, but for half a step at each end.
  [[nodiscard]] bool reaches(const Curve& curve) const;

  [[nodiscard]] Eigen::Index components() const { return rows_.rows(); }

 private:
  Eigen::VectorXd axis_;
  Eigen::MatrixXd rows_, inverse_;  // [K × m], [K × m]: scores are inverse_ y
  Eigen::VectorXd from_;            // axis of the newest curve
  std::optional<numeric::CubicInterpolator> interpolator_;
};

/// Bins of equal width: the means of a curve over them.
class Bins {
 public:
  /// As many as \p curve fills: 48 at most, no narrower than the widest step between its points
  /// and with two of them on the average.
  /// \param range  of the axis; nothing: all of the curve
  /// \throws Error{data}  it does not reach over the range, fills fewer than \p least, or its
  ///                      numbers are too large
  Bins(const Curve& curve, std::optional<std::pair<double, double>> range, Eigen::Index least);

  [[nodiscard]] Eigen::Index count() const { return count_; }

  /// [count] means of the straight lines between the points.
  /// \return  nothing where reaches() says no, or numbers are too large
  [[nodiscard]] std::optional<Eigen::VectorXd> operator()(const Curve& curve) const;

  /// The curve is whole and reaches over the bins, but for half a bin at each end.
  [[nodiscard]] bool reaches(const Curve& curve) const;

 private:
  double low_ = 0.0, width_ = 0.0;
  Eigen::Index count_ = 0;
};

}  // namespace twin::steer
