// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "app/acquire_sink.h"
#include "record/records.h"

namespace twin::app {

/// Tells people and the stream what goes on beside the scans, in a thread of its own: a terminal
/// that is stopped, a reader that sleeps or a disk that hangs must keep no order waiting, and no
/// value. Of more than 1000 that wait the newest are dropped; the log of obeying has all.
class Teller {
 public:
  /// \param who  begins what people are told of an event
  Teller(AcquireSink& sink, std::string who);

  /// Tells the rest, for some seconds at most.
  ~Teller();
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  void note(std::string text);
  void warning(std::string text);
  void event(record::Event event);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< the thread has one, too: it may have to be left behind
  AcquireSink& sink_;
  std::string who_;
};

}  // namespace twin::app
