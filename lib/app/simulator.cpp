// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulator.h"

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "app/simulated_absorption.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "md/plan.h"

namespace twin::app {

using record::Model;
using record::Quantity;
using record::State;

Simulator::Simulator(const SimulatorSettings& settings)
    : settings_(settings),
      engine_(md::EngineSettings{.ranks = settings.ranks, .reuse = settings.reuse}) {}

namespace {

// The state and its measurement are of one scan.
void name_scan(State& state, const std::string& what) {
  state.context.scan = state.context.sample + "-" + state.potential + "-" + what;
  for (auto& measurement : state.simulated) measurement.context = state.context;
}

}  // namespace

State Simulator::state_of(const record::ModelRecord& record, int replicas, const Produce& produce,
                          const md::ProgressReport& report) {
  const Model model = record::running(record.model);
  const double started = monotonic_seconds();
  if (model.structure.unread())
    throw Error(Cause::configuration,
                "structure: a model record has cell and sites; only a model's "
                "file may name a CIF or other source of them");
  const md::Plan plan = md::make_trajectory_plan(model);
  std::deque<SimulatedEdge> edges;
  for (const Model& one : by_edge(model)) {
    auto& tables = tables_[one.absorption.edge];
    tables = tables_of(one, tables, report);
    edges.emplace_back(one, tables, plan, replicas);
  }
  auto outcome = produce([&](const md::Sample& s) {
    for (auto& edge : edges) edge.add(s);
  });

  State out;
  const double temperature = temperature_of(model, outcome);
  out.header.from = {record.header.id};
  out.model = record.header.id;
  out.potential = outcome.potential;
  out.how = outcome.how;
  out.start = outcome.start;
  out.ensemble = outcome.ensemble;
  out.equilibrated = outcome.equilibrated;
  out.missing = outcome.missing;
  out.n_eff = outcome.n_eff;
  out.quantities = outcome.quantities;
  out.jacobian = by_parameters(outcome, model);
  out.arrays = outcome.arrays;
  out.warnings = outcome.warnings;
  if (outcome.fixed_cell)
    out.parameters["a"] = Quantity{outcome.quantities.at("a").value, {}, {}, "Å", "model", {}};
  for (std::size_t i = 0; i < plan.factors.values().size(); ++i)
    out.parameters[plan.factors.name(i)] =
        Quantity{plan.factors.values()[i], {}, {}, "", "model", {}};
  for (const auto& [name, value] : plan.made)
    out.parameters[name] = Quantity{value, {}, {}, "", "model", {}};
  out.parameters["temperature"] = Quantity{temperature, {}, {}, "K", "model", {}};
  out.context.sample = model.name;
  out.context.environment["temperature"] =
      Quantity{temperature,
               {},
               {},
               "K",
               outcome.einstein_temperature > 0 ? "md, zero-point corrected" : "md",
               {}};
  for (const auto& edge : edges)
    out.simulated.push_back(edge.measurement(outcome, plan, temperature, report));
  if (const auto missing = left_out(outcome.known, !edges.empty()); !missing.empty())
    out.warnings.push_back(missing);
  out.cpu_seconds = outcome.cpu_seconds;
  out.wall_seconds = monotonic_seconds() - started;
  return out;
}

State Simulator::simulate(const record::ModelRecord& record, const md::ProgressReport& report,
                          const md::Observer& also) {
  const Model& model = record.model;
  if (also) refuse_phases(record, "neither trajectory nor checkpoint is of several structures");
  if (!model.phases.empty()) return simulate_phases(record, report);
  State out = state_of(
      record, model.run.replicas,
      [&](const md::Observer& observer) {
        const auto both = [&](const md::Sample& sample) {
          observer(sample);
          also(sample);
        };
        return engine_.run(model, also ? md::Observer(both) : observer, report);
      },
      report);
  out.seed = model.seed;
  name_scan(out, std::to_string(model.seed));
  return out;
}

State Simulator::observe(const record::ModelRecord& record, const Trajectories& trajectories,
                         const md::ProgressReport& report) {
  refuse_phases(record, "a trajectory is of one structure");
  md::Observed observed;
  State out = state_of(
      record, static_cast<int>(trajectories.sources.size()),
      [&](const md::Observer& observer) {
        observed =
            md::observe(record.model, trajectories.sources, trajectories.skip, observer, report);
        return observed.outcome;
      },
      report);
  out.seed = observed.seed;
  if (out.ensemble.empty()) out.ensemble = trajectories.ensemble;
  for (std::size_t i = 0; i < observed.sources.size(); ++i) {
    const auto& [frames, skipped, reordered, first_ps, last_ps] = observed.sources[i];
    const std::string& name = trajectories.sources[i].name;
    out.trajectories.push_back({name, static_cast<std::int64_t>(frames),
                                static_cast<std::int64_t>(skipped), first_ps, last_ps});
    if (reordered)
      out.warnings.push_back(name +
                             ": its atoms are not in the model's order; they were put on "
                             "the sites by their positions");
  }
  const std::string file = trajectories.sources.front().name;
  const auto name = file.substr(0, file.find("::"));
  name_scan(out, name.substr(name.rfind('/') + 1));
  return out;
}

}  // namespace twin::app
