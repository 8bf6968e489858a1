// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "record/policy.h"
#include "record/records.h"

namespace twin::app {

/// The figure of a run of twin-steer, see steer_picture.h: drawn by a thread of its own, which
/// keeps nobody waiting, a few seconds after something new came, and in the end. That it can't be
/// drawn is a warning, once for each reason in a row.
class SteerFigure {
 public:
  /// \param path           .svg or .png; "": nothing is drawn
  /// \param policy         must outlive this
  /// \param log_threshold  nothing: only periods are compared
  /// \throws Error  see plot::check_target()
  SteerFigure(const std::string& path, const record::Policy& policy,
              std::optional<double> log_threshold);
  /// Draws for the last time.
  ~SteerFigure();
  SteerFigure(const SteerFigure&) = delete;
  SteerFigure& operator=(const SteerFigure&) = delete;

  /// A result that is the newest sample.
  /// \param sample   its number
  /// \param log_sum  log R; NaN: none yet
  void take(const record::Result& result, long long sample, double log_sum);
  void take(const record::Event& event);
  void take(const record::Command& command);

 private:
  struct State;
  std::unique_ptr<State> state_;  // none where nothing is drawn
};

}  // namespace twin::app
