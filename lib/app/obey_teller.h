// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "app/acquire_sink.h"
#include "record/records.h"

namespace twin::app {

/// Tells people and the stream what was ordered, in a thread of its own: a terminal that is
/// stopped, a reader that sleeps or a disk that hangs must not keep the next order waiting. Of more
/// than 1000 that wait the newest are dropped; the log has all.
class ObeyTeller {
 public:
  explicit ObeyTeller(AcquireSink& sink);

  /// Tells the rest, for some seconds at most.
  ~ObeyTeller();
  ObeyTeller(const ObeyTeller&) = delete;
  ObeyTeller& operator=(const ObeyTeller&) = delete;

  void note(std::string text);
  void warning(std::string text);
  void event(record::Event event);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< the thread has one, too: it may have to be left behind
  AcquireSink& sink_;
};

}  // namespace twin::app
