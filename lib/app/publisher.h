// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "process/child.h"

namespace twin::app {

/// Publishes a run by a program of its own, this one called anew: whoever measures does not wait,
/// and needs no memory for it. At most a tenth of the time is spent so.
class Publisher {
 public:
  explicit Publisher(std::string run) : run_(std::move(run)) {}

  /// Begins, unless one is under way or has only just ended. What goes wrong is a warning: the
  /// journal has all. From a thread that outlives this.
  /// \return  whether one has ended since the last call
  bool begin();

  /// Whether one has ended that began here.
  bool ended();

  /// Waits for one that is under way.
  void wait();

 private:
  void finish(const process::Ending& ending);

  std::string run_;
  std::optional<process::Child> child_;
  double began_ = 0, rests_until_ = 0;  ///< monotonic, s
};

}  // namespace twin::app
