// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <random>

#include "record/records.h"
#include "steer/scores.h"

namespace twin::streams {

/// What a made stream of curves does.
struct CurveKind {
  double size = 0.0;  ///< of the change, whitened by the noise of the points: |C^-½ δ|
  int at = 270;       ///< sample at which it begins, and ends
  int ends = 1 << 30;
  double width = 0.0;   ///< samples that it takes to come; 0: a step
  double smooth = 1.0;  ///< σ of the smooth part of the noise, over that of the white one
  double phi = 0.0;     ///< autocorrelation of the noise
  double drift = 0.0;  ///< of the curve, a sample: that many σ of the white noise in a smooth shape
  bool stepped = false;  ///< every point of the first third twice as far from the next
};

/// Edges of 100 points with a white line, noise of 0.004 a point and as much of a smooth one (over
/// 8 points); the change is a peak of five points that grows, of a place drawn by the seed.
class CurveStream {
 public:
  CurveStream(const CurveKind& kind, std::uint64_t seed);
  /// With arrays `energy` and `norm`.
  [[nodiscard]] record::Result next();
  /// Both states without noise, as components of a series would be.
  [[nodiscard]] steer::TrainedBasis basis() const;
  /// [100] what the change adds.
  [[nodiscard]] const Eigen::VectorXd& change() const { return change_; }
  [[nodiscard]] const Eigen::VectorXd& energy() const { return energy_; }

 private:
  [[nodiscard]] Eigen::VectorXd noise();

  CurveKind kind_;
  std::mt19937_64 random_;
  std::normal_distribution<> normal_;
  Eigen::VectorXd energy_, edge_, change_, drift_, noise_;
  Eigen::MatrixXd kernel_;
  int t_ = 0;
};

}  // namespace twin::streams
