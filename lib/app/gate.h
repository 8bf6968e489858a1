// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/run.h"
#include "app/simulate.h"
#include "potential/gate.h"

namespace twin::app {

struct GateCommand {
  potential::GateSettings settings;
  SimulateSettings model;        ///< what is taken instead of the model's own
  double lattice_percent = 1.0;  ///< that it may be off
  double lattice_A = 0.0;        ///< stated; 0 = none
  std::string frames;            ///< extended XYZ file of the frames to be labelled; "" = none
};

/// twin-simulate --gate: models in, of each the word on its deep potential as an event, passed or
/// refused (status 1), with the reasons; it is put into the potential's description, where the
/// states of later runs have it from.
void gate(Session& session, const GateCommand& command);

}  // namespace twin::app
