// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "process/child.h"

namespace twin::remote {

/// How often a host is asked: clusters ban those who poll too hard. Seconds between two questions
/// grow by half while nothing changes, up to 5 minutes, and are back at the least when something
/// does; each is longer or shorter by up to a fifth at random, so that many who wait do not ask at
/// once.
class Pace {
 public:
  /// \param least  1 s at least
  explicit Pace(process::Seconds least);

  /// \param changed  since the last question
  [[nodiscard]] process::Seconds next(bool changed);

 private:
  process::Seconds least_, now_;
  unsigned long long random_;
};

/// Does \p work again after Error{try_again}, six times in about two minutes, waiting longer each
/// time; \p again is told why, and may throw to give up.
void with_patience(const std::function<void()>& work,
                   const std::function<void(const char* why, process::Seconds wait)>& again);

}  // namespace twin::remote
