// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "app/acquire_sink.h"
#include "record/records.h"

namespace twin::app {

/// The conditions of scans as process variables of EPICS say them, twin-epics(5): a child of ours
/// hears them, see sources/epics.h, and a thread keeps what it heard. No scan waits for an IOC:
/// what is not there when a scan is taken is missing from it, with the reason. Channels that go or
/// come back are events, told once each; a child that has died is replaced.
class Surroundings {
 public:
  /// Waits for the channels, for as long as the document says.
  /// \throws Error{configuration}  the document is wrong, or a channel that is there is none of one
  ///                               number in its unit
  /// \throws Error{unavailable}    libca is not there
  Surroundings(const std::string& path, AcquireSink& sink);
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  /// Puts them into a measurement of the physical space: means over measured_from..measured_at,
  /// else what held at measured_at, else now. What its header says itself is kept where there is no
  /// value. What turned out to be wrong of a channel meanwhile is a failure record.
  void add(record::Measurement& measurement);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
