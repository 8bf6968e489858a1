// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace twin::steer {

/// A driving condition that is normal: the temperature in ten minutes.
struct Normal {
  double mean = 0.0, sigma = 0.0;
};

/// Where a transition lies, of which the converted fraction is a logistic of the condition T that
/// drives it,
///
///   c(T) = 1 / (1 + exp(-ln 81 (T - at) / width)),   10 % at at - width/2, 90 % at at + width/2,
///
/// as a probability over a grid of (at, width): the prior, normal each (widths above a tenth of
/// their mean), times the likelihood of what is seen of it:
///
///   matched()  the phase that a twin was matched in, on either side of half of the conversion;
///   observe()  a coordinate ξ that goes from one phase (0) to the other (1) on a straight line:
///              ξ = a + b T + s c(T) + noise; a and b are integrated over a flat prior, s over
///              N(1, 0.3²), as the twin's difference of the phases is not quite the sample's.
///
/// 161 × 7 nodes: some 50 µs an observation, as much a question, 1 ms a quantile. The onset is the
/// 10 % point.
class TransitionBelief {
 public:
  /// \param at, width  prior mean and standard deviation, one unit; at.sigma > 0, width.mean > 0
  TransitionBelief(Normal at, Normal width);

  /// A twin was matched in one of the phases at \p condition. Only the newest before the change
  /// and the first behind it count: they share their systematic errors.
  void matched(double condition, bool behind);

  /// \param sigma  of \p xi, > 0, one that is not correlated from one observation to the next
  void observe(double condition, double xi, double sigma);

  /// Nothing of ξ is known any more: another set-up, another analysis.
  void forget_observations();

  /// P(onset ≤ condition).
  [[nodiscard]] double begun(double condition) const;

  /// P(end > now and onset ≤ ahead): the transition is under way, or begins before \p ahead.
  /// Given now (exact) and ahead, ≥ now.
  [[nodiscard]] double under_way(double now, Normal ahead) const;

  /// The share of the belief below which \p probability lies, of the onset.
  [[nodiscard]] double onset_quantile(double probability) const;

 private:
  struct Node {
    double at = 0.0, width = 1.0;
    double log_prior = 0.0;
    // Sums over observations, weighted by 1/σ²: of c, c T, c², c ξ.
    double c = 0.0, ct = 0.0, cc = 0.0, cx = 0.0;
    double chi2 = 0.0, log_determinant = 0.0, probability = 0.0;
  };
  struct Seen {
    bool any = false;
    double condition = 0.0;
  };

  void update();
  [[nodiscard]] double log_matched(const Node& node) const;
  [[nodiscard]] double misfit(Node& node, double scale) const;

  std::vector<Node> nodes_;
  double reference_ = 0.0;  // T is counted from here, in units of unit_
  double unit_ = 1.0;
  // Of 1, T, T², ξ, T ξ, ξ².
  double w_ = 0.0, wt_ = 0.0, wtt_ = 0.0, wx_ = 0.0, wtx_ = 0.0, wxx_ = 0.0;
  std::size_t count_ = 0;
  Seen before_, behind_;
};

}  // namespace twin::steer
