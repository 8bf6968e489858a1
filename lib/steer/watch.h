// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <vector>

#include "steer/detector.h"
#include "steer/noise.h"
#include "steer/onset.h"

namespace twin::steer {

struct WatchSettings {
  std::size_t baseline = 50;  ///< samples, ≥ 10
  Drift drift = Drift::none;
  double log_threshold = 9.2;  ///< an alarm when log R reaches it
};

/// By how much a quantity changed.
struct Effect {
  Eigen::Index quantity = 0;
  double value = 0.0, sigma = 0.0;
  double p = 1.0;  ///< of no change, two-sided, by Holm over the quantities
};

/// What a sample brought about.
struct Finding {
  enum class What {
    baseline,  ///< it is over: the noise is known, changes are looked for from here on
    change,    ///< a change was found
    revision,  ///< the onset's set is another
    end,       ///< the change is over: a new baseline begins behind it
    going_on   ///< the change has not ended in so long that a new baseline is taken where it is
  };
  What what{};
  long long sample = 0;  ///< number of the sample, from 0
  double log_sum = 0.0;  ///< log R
  Instant onset, end;    ///< as numbers of samples
  double ended = 0.0;    ///< probability that the change is over
  bool step = false;     ///< rather than slow
  std::vector<Effect> effects;
  bool restless = false;  ///< the third change in a row right behind a new baseline: it drifts
};

/// Watches one stream of samples: baseline, change, its course, its end, a new baseline ...
///
/// Autocorrelation is estimated anew as the stream goes on, each time that it is 1.3 times as long;
/// errors and whitening stay those of the first baseline. Behind a change only the mean is learnt
/// again: from half as many samples, as many where it drifts.
class Watch {
 public:
  explicit Watch(const WatchSettings& settings);

  /// \throws Error  the baseline is of no use: see estimate_noise()
  std::vector<Finding> add(const Sample& sample);

  /// Nothing is known of what comes next (no beam, another set-up): a new mean is learnt.
  void interrupt();

  /// Nothing at all is known of what comes next (another analysis): a new baseline.
  /// \param same  it is of the same things: a change that has not ended has not.
  void forget(bool same = false);

  [[nodiscard]] const std::optional<Whitener>& whitener() const { return whitener_; }
  /// A change was found and is not over. One that goes on longer than is followed is over when,
  /// behind the new mean, nothing has been found in twice as many samples as the baseline has.
  [[nodiscard]] bool changing() const { return alarm_ || unended_; }

  /// A change was found, and its end is looked for.
  [[nodiscard]] bool in_change() const { return alarm_.has_value(); }

  /// The newest sample said something: a coordinate is known.
  [[nodiscard]] bool informed() const { return informed_; }

  /// Samples that are kept: thousands at most.
  [[nodiscard]] std::size_t kept() const { return samples_.size(); }

  [[nodiscard]] bool learning() const { return learning_ > 0; }
  [[nodiscard]] double log_sum() const { return log_sum_; }

 private:
  void learn_noise(std::vector<Finding>& out);
  void refine();
  void follow(std::vector<Finding>& out);
  void restart(std::size_t keep);
  void trim();
  [[nodiscard]] std::size_t quiet_from(const Course& course) const;
  [[nodiscard]] bool at_rest(const Course& course) const;
  [[nodiscard]] Finding finding(Finding::What what, const Course& course) const;
  [[nodiscard]] std::vector<Effect> effects(const Eigen::VectorXd& shape) const;

  WatchSettings settings_;
  std::optional<Whitener> whitener_;
  std::optional<Detector> detector_;
  std::vector<Sample> samples_;  // since the segment began, the last thousands
  std::vector<White> history_;   // the same, white
  long long first_ = 0;          // number of samples_[0]
  std::size_t learning_ = 0;     // samples until changes are looked for
  std::size_t begins_ = 0;       // index from which on a change may have begun
  std::size_t refine_at_ = 0;
  double log_sum_ = 0.0, steps_ = 0.0;

  // Of the change that is going on.
  std::optional<std::size_t> alarm_;  // index
  std::size_t revise_at_ = 0;
  Instant told_;
  int at_rest_ = 0;  // how often in a row
  bool unended_ = false;
  bool informed_ = false;

  int early_ = 0;  // changes right behind a new baseline, in a row
};

/// Such effects, from their p alone.  \param effects  p not yet corrected
void correct(std::vector<Effect>& effects);

}  // namespace twin::steer
