// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/run.h"

namespace twin::app {

/// Prints to a session's stdout in a thread of its own, so that whoever stores records never waits
/// for their reader. What waits beyond 64 MiB is let go and read from the run again when its turn
/// comes. A closed stdout is a warning then, and nothing more is printed.
///
/// Without a run print() of a measurement waits while more than that is waiting, and a closed
/// stdout is an error. The session's out and status are this object's from its making until
/// finish().
class Printer {
 public:
  /// \param into  the run that has the records; "" for none
  Printer(Session& session, std::string into);
  ~Printer();
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  /// \param sequence  of the record in the run, durable there; 0: it is in none
  /// \throws Error  that ended the printing, where there is no run
  void print(record::Record record, std::int64_t sequence = 0);

  /// As Session::fail(); where stdout is closed, people are told all the same.
  void fail(Error error, std::string source);

  /// Waits until all is printed: after a signal at most two seconds, for a reader that does not
  /// read.
  /// \throws Error  that ended the printing, where there is no run
  void finish();

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< the thread has one, too: it may have to be left behind
};

}  // namespace twin::app
