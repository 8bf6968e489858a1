// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plot/figure.h"
#include "record/policy.h"
#include "record/records.h"

namespace twin::app {

/// What a run of twin-steer has seen, to be drawn:
///
///   each watched quantity  against the time of its measurement, or what the drift is linear in;
///                          the 95 % sets of onset and end of each change shaded, strongly where
///                          this quantity changed; grey: the baseline
///   log R                  with its threshold; a line where each change was found, which names the
///                          quantities that changed
///   the mode asked for     a row each
///
/// Where not every sample has a time, against its number. Periods begin at dashed lines. Of a
/// stream without an end the last 2000 samples are kept.
class SteerPicture {
 public:
  /// \param policy         must outlive this
  /// \param log_threshold  nothing: only periods are compared
  SteerPicture(const record::Policy& policy, std::optional<double> log_threshold)
      : policy_(policy), log_threshold_(log_threshold) {}

  /// A result that is the newest sample.
  /// \param sample   its number
  /// \param log_sum  log R; NaN: none yet
  void take(const record::Result& result, long long sample, double log_sum);
  void take(const record::Event& event);
  void take(const record::Command& command);

  [[nodiscard]] plot::Figure figure() const;

 private:
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  struct Point {
    long long sample = 0;
    double time = 0.0, covariate = 0.0, log_sum = 0.0;  // NaN: none
    std::vector<double> value, sigma;
    std::string scan, period;
  };
  struct Stretch {  // of samples
    double low = 0.0, best = 0.0, high = 0.0;
  };
  struct Change {
    int number = 0;
    double found = 0.0;
    bool step = false;
    Stretch onset;
    std::optional<Stretch> end;
    std::vector<std::string> significant;
  };
  struct Asked {
    double from = 0.0;  // sample
    std::string mode;
  };
  struct Axis;

  void take_change(const record::Event& event);
  [[nodiscard]] Axis time_axis() const;
  [[nodiscard]] Axis covariate_axis(const Axis& time) const;
  [[nodiscard]] plot::Panel quantity(std::size_t which, const Axis& axis) const;
  [[nodiscard]] plot::Panel sum(const Axis& axis) const;
  [[nodiscard]] plot::Panel modes(const Axis& axis) const;
  [[nodiscard]] std::string title(std::size_t shown) const;
  void mark_periods(plot::Panel& panel, const Axis& axis, const std::string& name) const;

  const record::Policy& policy_;
  std::optional<double> log_threshold_;
  std::deque<Point> points_;
  long long count_ = 0;
  std::map<std::string, std::string> units_;
  std::string covariate_unit_;
  std::deque<Stretch> baselines_;
  std::deque<Change> changes_;
  int found_ = 0;
  std::deque<Asked> asked_;
  std::map<std::string, std::vector<std::string>> differ_;  // by period: from the one before it
};

}  // namespace twin::app
