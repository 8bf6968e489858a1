// SPDX-License-Identifier: GPL-3.0-or-later
// A mixture: each of its phases by a simulator of its own.
#include <utility>

#include "app/mixture.h"
#include "app/simulator.h"
#include "core/error.h"

namespace twin::app {

using record::State;

void Simulator::refuse_phases(const record::ModelRecord& record, const std::string& why) {
  if (!record.model.phases.empty())
    throw Error(Cause::configuration, "phases: " + why + "; expected a model of one structure");
}

State Simulator::simulate_phases(const record::ModelRecord& record,
                                 const md::ProgressReport& report) {
  record::ModelRecord one;
  one.header = record.header;
  std::vector<State> states;
  for (auto& [phase, model] : phases_of(record.model)) {
    const std::string& name = phase;  // clang captures no structured binding
    auto& simulator = phases_[name];
    if (!simulator) simulator = std::make_unique<Simulator>(settings_);
    one.model = std::move(model);
    states.push_back(simulator->simulate(one, [&](const std::string& stage, double fraction) {
      report(name + ": " + stage, fraction);
    }));
  }
  return mixture_of(record.model, std::move(states));
}

}  // namespace twin::app
