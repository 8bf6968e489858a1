// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "app/checkpoint.h"
#include "app/load_model.h"
#include "app/read_all.h"
#include "app/serve.h"
#include "app/simulator.h"
#include "app/spectrum.h"
#include "app/trajectories.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/hash.h"

namespace twin::app {

namespace {

void set_free(record::Model& model, const std::string& name, double value) {
  const auto at = std::ranges::find(model.free, name, &record::FreeParameter::name);
  if (at != model.free.end()) at->value = value;
}

/// What the models of one call share.
struct Shared {
  Simulator simulator;
  Checkpoint checkpoint;
  std::optional<Trajectories> trajectories;  ///< read instead of running
  bool written = false;                      ///< the file of --write-trajectory
};

record::State state_of(Shared& shared, const SimulateSettings& settings,
                       const record::ModelRecord& record, const md::ProgressReport& report) {
  if (shared.trajectories) return shared.simulator.observe(record, *shared.trajectories, report);
  const auto keep = [&](const md::Sample& sample) { shared.checkpoint.take(sample); };
  if (settings.write_trajectory.empty())
    return shared.simulator.simulate(record, report,
                                     settings.checkpoint.empty() ? md::Observer() : keep);
  if (std::exchange(shared.written, true))
    throw Error(Cause::usage, "--write-trajectory: the file holds one run; one model is expected");
  TrajectoryRecorder recorder(settings.write_trajectory, record);
  auto state = shared.simulator.simulate(record, report, [&](const md::Sample& sample) {
    recorder.take(sample);
    keep(sample);
  });
  recorder.finish(state.ensemble);
  return state;
}

/// What is said of a run that went on with another's production.
record::Event resumed(const record::ModelRecord& record, std::size_t earlier) {
  const auto of = [](double count) { return record::Quantity{count, {}, {}, "", "count", {}}; };
  const record::RunLength& run = record::running(record.model).run;
  record::Event out;
  out.what = "run-resumed";
  out.first = record.model.name;
  out.header.from = {record.header.id};
  out.quantities = {{"frames_before", of(static_cast<double>(earlier))},
                    {"frames", of(run.produce / run.sample_every)}};
  out.text = std::to_string(earlier) + " of " + std::to_string(run.produce / run.sample_every) +
             " frames a replica are of a run that was cut short";
  return out;
}

void one(Session& session, Shared& shared, const SimulateSettings& settings,
         record::ModelRecord record, const std::string& source) {
  try {
    record.header.id = session.out.write(record);
    shared.checkpoint.begin();
    auto state = state_of(shared, settings, record, [&](const std::string& stage, double fraction) {
      cli::progress(record.model.name + ": " + stage + " " +
                    std::to_string(std::lround(100 * fraction)) + " %");
      if (interrupted()) throw Error(Cause::unavailable, "interrupted");
      shared.checkpoint.keep(shared.simulator.engine());
    });
    shared.checkpoint.remove();
    if (const auto earlier = shared.checkpoint.earlier(); earlier > 0)
      session.out.write(resumed(record, earlier));
    if (!settings.spectrum.empty()) write_spectrum(state, settings);
    if (!state.equilibrated) {
      cli::warning(record.model.name + ": not at equilibrium: " + state.missing);
      if (session.status == 0) session.status = static_cast<int>(Cause::negative);
    }
    session.out.write(std::move(state));
  } catch (const Error& error) {
    // Not where it exploded.
    if (error.cause() == Cause::unavailable) shared.checkpoint.save(shared.simulator.engine());
    if (error.cause() == Cause::closed_pipe || error.cause() == Cause::output) throw;
    session.fail(error, source);
    session.status = static_cast<int>(error.cause());
  }
}

}  // namespace

bool is_model_file(const std::string& input) {
  return input.ends_with(".yaml") || input.ends_with(".yml");
}

record::Model with_settings(record::Model model, const SimulateSettings& settings) {
  if (!settings.potential.empty()) model.potential = settings.potential;
  if (settings.seed >= 0) model.seed = settings.seed;
  if (settings.temperature_K > 0) {
    model.temperature = settings.temperature_K;
    set_free(model, "temperature", settings.temperature_K);
  }
  if (settings.lattice_A > 0) {
    record::structure_to_run(model).a = settings.lattice_A;
    set_free(model, "a", settings.lattice_A);
  }
  return model;
}

void simulate(Session& session, const SimulateSettings& settings) {
  Shared shared{Simulator({.reuse = settings.serve && !settings.cold,
                           .ranks = static_cast<int>(settings.ranks)}),
                Checkpoint(settings.checkpoint, settings.checkpoint_every_s),
                {}};
  shared.checkpoint.resume(shared.simulator.engine());
  Simulator& simulator = shared.simulator;
  if (!settings.trajectories.empty()) {
    shared.trajectories = {sources_of(settings.trajectories), {}, sha256(session.start_id)};
    if (settings.skip >= 0) shared.trajectories->skip = static_cast<std::size_t>(settings.skip);
  }
  if (settings.serve) {
    serve(session, [&](const record::ModelRecord& record, const ServeProgress& progress) {
      auto own = record;
      own.model = with_settings(record.model, settings);
      return simulator.simulate(own, [&](const std::string& stage, double fraction) {
        if (!progress(stage, fraction)) throw Error(Cause::try_again, "cancelled");
      });
    });
    return;
  }
  std::vector<std::string> streams;
  for (const auto& input : session.inputs) {
    if (!is_model_file(input)) {
      streams.push_back(input);
      continue;
    }
    record::ModelRecord record;
    record.model = with_settings(load_model(input), settings);
    one(session, shared, settings, std::move(record), input);
  }
  if (streams.empty()) return;
  stream::Reader reader(streams);
  for_each_record(session, reader, [&](stream::Item item) {
    const auto source = item.source + ":" + std::to_string(item.line);
    if (auto* record = std::get_if<record::ModelRecord>(&item.record)) {
      auto own = *record;
      own.model = with_settings(record->model, settings);
      one(session, shared, settings, std::move(own), source);
    } else {
      session.out.write(std::move(item.record));
    }
  });
}

}  // namespace twin::app
