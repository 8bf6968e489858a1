// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "app/run.h"

namespace twin::store {
class Run;
}

namespace twin::app {

/// What is damaged within a run's journal, to people: the first of it, and how much more there is.
void tell_damage(const store::Run& run);

/// Where twin-acquire puts records: stores, then prints. What is printed is on the disk, at most
/// some 5 ms after it was taken; storing does not wait for printing, nor for publishing.
class AcquireSink {
 public:
  /// \param into  the run; "" = nothing is stored
  /// \param live  file of the last scans; "" = none. What goes wrong with it is a warning.
  /// \throws Error  of store::Run::open, store::LiveView
  AcquireSink(Session& session, const std::string& into, const std::string& live = "");
  ~AcquireSink();
  AcquireSink(const AcquireSink&) = delete;
  AcquireSink& operator=(const AcquireSink&) = delete;

  /// A record that the run holds already becomes an event; silently passed over where \p quietly.
  /// \return  false for such a one
  /// \throws Error{output}  it can't be stored; also of what was taken before
  bool take(record::Record record, bool quietly = false);

  /// Stores only, where there is a run.
  void store(const record::Record& record);

  /// Prints only, behind what was taken before it.
  void print(record::Record record);

  /// A failure record, told to people as well; where stdout is closed, told only.
  void failed(const Error& error, const std::string& path);

  /// What came in was not whole: people are told, the status is 2 or more.
  void spoilt(const std::string& what);

  /// What was taken is durable and on its way to stdout when this returns; publishes when due.
  void flush();

  /// Publishes what there is, by a program of its own.
  void publish_behind();

  /// All is stored, published, printed.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
