// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <random>
#include <string>

#include "steer/noise.h"

namespace twin::streams {

/// What a made stream does: a baseline, then a change of its mean.
struct Kind {
  std::string change = "none";  ///< none, step, ramp, sigmoid, fold
  double size = 1.0;            ///< in σ of the noise (Mahalanobis); of a fold, its fluctuation
  double width = 0.0;        ///< samples: of a ramp from 0 to 1, of a sigmoid from 10 to 90 %, of
                             ///< a fold until it is reached
  bool sparse = false;       ///< in one coordinate of the whitened ones only
  double phi = 0.0;          ///< autocorrelation of the noise
  double drift = 0.0;        ///< of each coordinate, a sample: σ times a normal deviate
  double understated = 1.0;  ///< variance over the stated one
  double jitter = 1.0;       ///< σ of each second sample, over the others'
  int missing = 0;           ///< each so many-th sample has no values; 0: all have
  bool unstated = false;     ///< no errors are stated
  int at = 250;              ///< sample at which it begins; of a sigmoid its 10 % point
};

/// Gaussian noise of a covariance drawn by the seed, which each sample states.
class Stream {
 public:
  Stream(const Kind& kind, int dimensions, std::uint64_t seed);
  [[nodiscard]] steer::Sample next();
  /// Of a fold: the state has gone over.
  [[nodiscard]] bool tipped() const { return fold_ < -2; }
  /// The same as y = L⁻¹ x, for those who want it white.
  [[nodiscard]] const Eigen::VectorXd& white() const { return white_; }

 private:
  [[nodiscard]] double course();

  Kind kind_;
  std::mt19937_64 random_;
  std::normal_distribution<> normal_;
  Eigen::MatrixXd covariance_, factor_;
  Eigen::VectorXd noise_, direction_, slope_, white_;
  double fold_ = 1.0;  // how far it is from the unstable state, at first 1
  int t_ = 0;
};

}  // namespace twin::streams
