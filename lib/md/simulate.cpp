// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/simulate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/hash.h"
#include "core/text.h"
#include "core/time.h"
#include "md/bank.h"
#include "md/einstein.h"
#include "md/outcome.h"
#include "md/plan.h"
#include "md/reweight.h"
#include "md/run.h"

namespace twin::md {

struct Engine::State {
  EngineSettings settings;
  std::vector<Replica> replicas;
  std::string version;
  Bank bank;
  int restarts = 0;  ///< runs that began at another's last frames
  Recording last;    ///< the last frames of the newest run
  std::optional<Recording> begin_at;
  Earlier earlier;  ///< of the same

  void have(int wanted);
  Outcome run(Plan& plan, const Shells& shells, Start start, const Observer& observe,
              const ProgressReport& report);
  Outcome run_cold(Plan& plan, const Shells& shells, const Observer& observe,
                   const ProgressReport& report);
};

void Engine::State::have(int wanted) {
  const auto count = static_cast<std::size_t>(wanted);
  while (replicas.size() > count) replicas.pop_back();
  while (replicas.size() < count)
    replicas.emplace_back(settings, static_cast<int>(replicas.size()));
}

namespace {

/// Names the trajectory that a plan gives from a start: what it is drawn from.
std::string ensemble_name(const Plan& plan, const Start& start) {
  std::string factors;
  for (const double one : plan.factors.values()) factors += " " + shortest(one);
  return sha256(key_of(plan) + factors + " " + shortest(plan.temperature) + " " +
                shortest(plan.structure.a) + " " + shortest(plan.system.pressure_bar.value_or(0)) +
                " " + std::to_string(start.seed) + (start.from ? " " + start.from->ensemble : ""));
}

/// What a run's frames are of, before there are any.
Recording recording_of(const Plan& plan, const Start& start) {
  Recording out;
  out.key = key_of(plan);
  out.target = target_of(plan);
  out.kin = kin_of(plan);
  out.species = plan.system.ideal.species;
  out.start = start.from ? "restart" : "ideal";
  out.ensemble = ensemble_name(plan, start);
  out.theta = start.from ? start.from->theta : 0;
  out.a = plan.structure.a;
  out.pressure_bar = plan.system.pressure_bar.value_or(0);
  out.factors = plan.factors.values();
  return out;
}

/// The answer out of earlier frames; nothing where too few of them would be left: \p why has it.
std::optional<Outcome> reweighted(const Plan& plan, const Shells& shells,
                                  const Recording& recording, const Observer& observe,
                                  std::string& why) {
  const double thermostat =
      plan.einstein ? classical_temperature(plan.temperature, recording.theta) : plan.temperature;
  const double began = process_cpu_seconds();
  Weights weights = weights_for(recording, plan, thermostat);
  const double left = weights.share_left();
  const auto refuse = [&](const std::string& reason) {
    why = "run, not reweighted: of an earlier run's frames " + significant(100 * left, 2) +
          " % would be left; " + reason;
    return std::nullopt;
  };
  if (left < 0.02) return refuse("too few");
  const Reweighted frames(recording, plan, shells, thermostat, std::move(weights));
  Outcome outcome = conclude(plan, shells, frames.production(), thermostat);
  if (!outcome.equilibrated) return refuse(outcome.missing);
  frames.hand_out(observe);
  outcome.how = "reweighted";
  outcome.start = recording.start;
  outcome.ensemble = recording.ensemble;
  if (!plan.system.pressure_bar && plan.structure.a != recording.a) {
    // To first order in the strain neither is known: their slopes are of second order.
    outcome.quantities.erase("pressure");
    outcome.quantities.erase("potential_energy");
  }
  outcome.cpu_seconds = process_cpu_seconds() - began;
  return outcome;
}

}  // namespace

Outcome Engine::State::run(Plan& plan, const Shells& shells, Start start, const Observer& observe,
                           const ProgressReport& report) {
  have(plan.system.run.replicas);
  start.seed = plan.seed;
  if (start.from) {  // the random numbers of no run before
    restarts = std::max(restarts, start.from->begun) + 1;
    start.seed = derived_seed(plan.seed, 0, restarts + 1'000'000);
  }
  Recording recording = recording_of(plan, start);
  recording.begun = start.from ? restarts : 0;
  last = recording;
  Outcome outcome = md::run(plan, shells, replicas, start, observe,
                            settings.reuse ? &recording : nullptr, &last, report);
  for (const Replica& replica : replicas) outcome.cpu_seconds += replica.cpu_seconds();
  outcome.ensemble = recording.ensemble;
  last = {};
  if (!settings.reuse) return outcome;
  recording.theta = outcome.quantities.at("einstein_temperature").value.value_or(0);
  recording.equilibrated = outcome.equilibrated;
  bank.keep(std::move(recording));
  return outcome;
}

Outcome Engine::State::run_cold(Plan& plan, const Shells& shells, const Observer& observe,
                                const ProgressReport& report) {
  if (!begin_at || begin_at->key != key_of(plan)) return run(plan, shells, {}, observe, report);
  const Recording from = *std::exchange(begin_at, std::nullopt);
  const Earlier before = std::exchange(earlier, {});
  const bool goes_on = before.frames > 0 && from.target == target_of(plan);
  return run(plan, shells, {&from, 0, goes_on ? &before : nullptr}, observe, report);
}

Engine::Engine() : Engine(EngineSettings{}) {}
Engine::Engine(const EngineSettings& settings) : state_(std::make_unique<State>()) {
  state_->settings = settings;
}
Engine::~Engine() = default;

Outcome Engine::run(const record::Model& model, const Observer& observe,
                    const ProgressReport& report) {
  Plan plan = make_plan(model);
  const Shells shells(plan.system.ideal, plan.system.topology.framework(), plan.system.sites);
  if (!state_->settings.reuse) return state_->run_cold(plan, shells, observe, report);
  const auto near = state_->bank.near(plan);
  std::string why;
  for (const Recording* recording : near) {
    if (!recording->equilibrated) {
      why = "run, not reweighted: the nearest earlier run was not at equilibrium";
      continue;
    }
    if (auto outcome = reweighted(plan, shells, *recording, observe, why)) return *outcome;
    break;
  }
  if (!why.empty()) plan.warnings.push_back(why);
  const Recording* from = near.empty() ? state_->bank.kin(plan) : near.front();
  // Two starts are two only where they begin apart.
  if (plan.system.run.starts == 2) from = nullptr;
  return state_->run(plan, shells, {from}, observe, report);
}

void Engine::begin_at(Recording last, Earlier earlier) {
  state_->begin_at = std::move(last);
  state_->earlier = std::move(earlier);
}

void Engine::forget_earlier() { state_->earlier = {}; }

std::optional<Recording> Engine::last() const {
  const Recording& last = state_->last;
  const bool whole = !last.replicas.empty() &&
                     std::ranges::none_of(last.replicas, [](auto& one) { return one.empty(); });
  return whole ? std::optional(last) : std::nullopt;
}

std::string Engine::version() {
  if (state_->version.empty()) state_->version = lammps_version(state_->settings);
  return state_->version;
}

}  // namespace twin::md
