// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "record/records.h"

namespace twin::app {

/// Our side of the serve protocol: any program that speaks it, kept running between requests.
class EngineClient {
 public:
  /// \param command  split into an argv by POSIX quoting; no shell
  /// \param patience_s  the longest time without a line from the engine
  explicit EngineClient(const std::string& command, double patience_s = 600);
  ~EngineClient();

  /// Sends \p model, waits for its state. An engine that dies, is silent for too long, says what is
  /// no record, answers another request or another model than was asked (state_check.h) is killed,
  /// started anew and asked once more, with a warning.
  /// \throws Error{unavailable} twice in a row (its last lines are in the message); the cause of
  /// its
  ///         failure record when it answers with one, unavailable where that is no such status
  [[nodiscard]] record::State simulate(const record::Model& model,
                                       const std::function<void(const record::Progress&)>& report);

 private:
  struct State;
  std::string command_;
  double patience_s_;
  std::unique_ptr<State> state_;
  int requests_ = 0;
};

}  // namespace twin::app
