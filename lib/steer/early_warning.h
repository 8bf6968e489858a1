// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <deque>
#include <optional>
#include <vector>

#include "steer/noise.h"

namespace twin::steer {

struct WarningSettings {
  std::size_t window = 150;  ///< samples, ≥ 50
  double at_most = 0.05;     ///< probability of a warning without a reason, in
  double per = 500.0;        ///< so many samples
};

/// Fluctuations have grown and slowed down since the stream began.
struct Slowing {
  Eigen::Index coordinate = 0;  ///< of the whitened ones, in which it is plainest
  double autocorrelation_before = 0.0, autocorrelation = 0.0;  ///< at lag 1
  double variance = 1.0;                                       ///< over the one before
  double z = 0.0, threshold = 0.0;  ///< standard normal deviate, and what it was to reach
};

/// Looks for critical slowing down, which comes before some transitions, and never before others: a
/// system whose restoring force fades fluctuates more and returns more slowly.
///
/// Of each whitened coordinate a parabola is taken off its last window of samples; their variance
/// and autocorrelation at lag 1 are compared with those of the first window, both as they are for
/// an AR(1) process (M. S. Bartlett, J. R. Stat. Soc. Suppl. 8, 27 (1946)), and are one deviate
///   z = (Δφ/σ_φ + Δ ln v/σ_v) / sqrt(2 + 2ρ).
/// The threshold c is that of the largest of all coordinates over a run: a deviate whose
/// correlation falls by 1/(2 window) a sample, as one of two windows moves, exceeds it with
/// per/(2 window) c N(c) + Q(c), N and Q the normal density and tail; d of them with d times that.
/// Source of the idea: M. Scheffer et al., Nature 461, 53 (2009).
class EarlyWarning {
 public:
  /// \param noise  whose whitening is used, without its autocorrelation
  EarlyWarning(const WarningSettings& settings, const Noise& noise);

  /// \param interval  s since the sample before; nan where it is not known. Where it has become
  ///                  another by more than a half, three times in a row, all begins anew
  /// \return  once, when it sets in; again after it has been gone: z below half of the threshold
  [[nodiscard]] std::optional<Slowing> add(const Sample& sample, double interval);

 private:
  struct Moments {
    double variance = 0.0, phi = 0.0;
    double pairs = 0.0;  // that φ is from
  };

  struct Value {
    double u = 0.0;
    bool joined = false;  // the sample before was there, too
  };

  [[nodiscard]] bool is_another(double interval);
  void begin();
  [[nodiscard]] Moments moments_of(const std::deque<Value>& values) const;

  WarningSettings settings_;
  double threshold_;
  Whitener whitener_;
  Eigen::MatrixXd trend_;                     // [window × 3] orthonormal
  std::vector<std::deque<Value>> last_;       // of each coordinate
  std::vector<std::optional<Moments>> like_;  // in the first window
  std::vector<std::size_t> since_;            // samples behind it
  std::vector<bool> there_;                   // in the sample before
  bool told_ = false;
  std::size_t to_look_ = 0;
  std::optional<double> interval_;  // s
  int others_ = 0;                  // intervals in a row
};

}  // namespace twin::steer
