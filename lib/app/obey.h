// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "app/acquire_sink.h"

namespace twin::app {

struct ObeySettings {
  std::string commands;  ///< the file that twin-steer writes; "" = nothing is obeyed
  std::string bounds;    ///< twin-bounds(5)
  bool arm = false;      ///< else it is only said what would be ordered
};

/// Follows a file of commands in a thread of its own and tells the beamline the modes that its
/// bounds allow: the one gateway to it. Looks ten times a second, also at the operator's override,
/// the beam, the token that arms, and the mode that the beamline says it is in. Each answer of the
/// gateway (obey/gateway.h) is logged, then sent, then an event of the stream.
class Obeyer {
 public:
  /// \throws Error  the bounds are missing or wrong, another program obeys by their log, or the
  ///                process variable that they name can't be put
  Obeyer(const ObeySettings& settings, AcquireSink& sink);

  /// The safe mode, then the end.
  ~Obeyer();
  Obeyer(const Obeyer&) = delete;
  Obeyer& operator=(const Obeyer&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
