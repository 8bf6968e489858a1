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
  /// \param silence_s  the longest time without a line from the engine
  explicit EngineClient(const std::string& command, double silence_s = 600);
  ~EngineClient();

  /// Sends \p model, waits for its state.
  /// \throws Error{unavailable} the engine died, was silent too long, broke the protocol (its last
  ///         lines are in the message); the cause of its failure record when it answers with one
  [[nodiscard]] record::State simulate(const record::Model& model,
                                       const std::function<void(const record::Progress&)>& report);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
