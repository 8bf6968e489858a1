// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/simulate.h"

#include <algorithm>

#include "core/text.h"
#include "md/einstein.h"
#include "md/equilibrium.h"
#include "md/lanes.h"
#include "md/outcome.h"
#include "md/plan.h"

namespace twin::md {

namespace {

FrameValues measured(const Shells& shells, const Row& row, const atoms::Frame& frame) {
  FrameValues values = shells.of(frame);
  values.temperature = row.temperature;
  values.energy_eV = row.energy_eV;
  values.virial_bar = row.virial_bar;
  return values;
}

/// One run of the engine: its stages in order.
class Run {
 public:
  Run(Plan& plan, std::vector<Replica>& replicas, const ProgressReport& report)
      : plan_(plan),
        replicas_(replicas),
        report_(report),
        shells_(plan.system.ideal),
        frame_(plan.system.ideal) {
    constexpr double lowest_start = 100;  // K, where zero-point motion decides: θ/2 is unknown yet
    thermostat_ = plan.einstein ? std::max(plan.temperature, lowest_start) : plan.temperature;
  }

  Outcome go(const Observer& observe) {
    for (Replica& replica : replicas_) replica.prepare(plan_.system, thermostat_, plan_.seed);
    const std::vector<std::string> moving = equilibrate();
    const Production production = produce(observe);
    Outcome outcome = conclude(plan_, shells_, production, thermostat_);
    if (!moving.empty()) {
      outcome.equilibrated = false;
      outcome.missing = join(moving, ", ") + " still moved before the production run" +
                        (outcome.missing.empty() ? "" : "; " + outcome.missing);
    }
    return outcome;
  }

 private:
  /// At least the steps that were asked for, then in quarters until the trigger fires.
  /// \return what still moves when three times as many more did not help
  std::vector<std::string> equilibrate() {
    const int every = plan_.system.run.sample_every;
    const int first = plan_.einstein ? multiple(plan_.equilibrate / 2) : plan_.equilibrate;
    std::vector<Trajectory> frames = stretch(first);
    if (plan_.einstein) {
      retarget(frames);
      frames = stretch(std::max(every, plan_.equilibrate - first));
    }
    const int quarter = multiple(std::max(plan_.equilibrate / 4, 25 * every));
    std::vector<std::string> moving = still_moving(frames);
    for (int more = 0; more < 12 && !moving.empty(); ++more) {
      const std::vector<Trajectory> next = stretch(quarter);
      for (std::size_t i = 0; i < frames.size(); ++i)
        frames[i].insert(frames[i].end(), next[i].begin(), next[i].end());
      moving = still_moving(frames);
    }
    return moving;
  }

  /// To the classical temperature of the zero-point motion that the frames show.
  void retarget(const std::vector<Trajectory>& frames) {
    std::vector<Trajectory> settled;  // its second half: the first has the start in it
    for (const Trajectory& replica : frames)
      settled.emplace_back(replica.begin() + static_cast<std::ptrdiff_t>(replica.size() / 2),
                           replica.end());
    const double theta = einstein_of(settled, plan_, shells_, thermostat_).value;
    thermostat_ = classical_temperature(plan_.temperature, theta);
  }

  std::vector<Trajectory> stretch(int steps) {
    std::vector<Trajectory> frames(replicas_.size());
    const auto take = [&](int replica, const Row& row, const DumpFrame& frame) {
      frames[static_cast<std::size_t>(replica)].push_back(measured(shells_, row, put(frame)));
      tell("equilibrate", std::min(0.99, equilibrating_++ / expected(plan_.equilibrate)));
    };
    stage(steps, take, "equilibrate");
    return frames;
  }

  Production produce(const Observer& observe) {
    Production production;
    production.replicas.resize(replicas_.size());
    production.neighbours.resize(replicas_.size());
    const int frames = plan_.produce / plan_.system.run.sample_every;
    Sample sample;
    int taken = 0;
    stage(
        plan_.produce,
        [&](int replica, const Row& row, const DumpFrame& frame) {
          Trajectory& trajectory = production.replicas[static_cast<std::size_t>(replica)];
          const auto index = static_cast<int>(trajectory.size());
          trajectory.push_back(measured(shells_, row, put(frame)));
          if (index % 10 == 0)
            production.neighbours[static_cast<std::size_t>(replica)].push_back(
                shells_.neighbours(frame_));
          sample.replica = replica;
          sample.block = replica * 4 + std::min(3, 4 * index / frames);
          sample.frame = frame_;
          sample.temperature = row.temperature;
          sample.energy_eV = row.energy_eV;
          sample.virial_bar = row.virial_bar;
          if (observe) observe(sample);
          tell("produce", ++taken / expected(plan_.produce));
        },
        "produce");
    return production;
  }

  /// The atoms of a dump, their species with them.
  const atoms::Frame& put(const DumpFrame& frame) {
    frame_.cell = frame.cell;
    frame_.positions = frame.positions;
    return frame_;
  }

  void stage(int steps, const Sink& sink, const std::string& name) {
    const auto tick = [&] { tell(name, fraction_); };
    run_stage(replicas_, {thermostat_, steps, plan_.seed}, sink, tick, plan_.warnings);
  }

  void tell(const std::string& name, double fraction) {
    fraction_ = fraction;
    if (report_) report_(name, fraction);
  }

  [[nodiscard]] int multiple(int steps) const {
    const int every = plan_.system.run.sample_every;
    return std::max(1, (steps + every - 1) / every) * every;
  }

  /// Samples of all replicas in so many steps.
  [[nodiscard]] double expected(int steps) const {
    return static_cast<double>(steps) / plan_.system.run.sample_every *
           static_cast<double>(replicas_.size());
  }

  Plan& plan_;
  std::vector<Replica>& replicas_;
  const ProgressReport& report_;
  Shells shells_;
  atoms::Frame frame_;       ///< the last one
  double thermostat_ = 0.0;  ///< K
  double fraction_ = 0.0;
  int equilibrating_ = 0;
};

}  // namespace

struct Engine::State {
  EngineSettings settings;
  std::vector<Replica> replicas;
  std::string version;
};

Engine::Engine() : Engine(EngineSettings{}) {}
Engine::Engine(const EngineSettings& settings) : state_(std::make_unique<State>()) {
  state_->settings = settings;
}
Engine::~Engine() = default;

Outcome Engine::run(const record::Model& model, const Observer& observe,
                    const ProgressReport& report) {
  Plan plan = make_plan(model);
  auto& replicas = state_->replicas;
  const auto wanted = static_cast<std::size_t>(model.run.replicas);
  while (replicas.size() > wanted) replicas.pop_back();
  while (replicas.size() < wanted)
    replicas.emplace_back(state_->settings, static_cast<int>(replicas.size()));
  Outcome outcome = Run(plan, replicas, report).go(observe);
  for (const Replica& replica : replicas) outcome.cpu_seconds += replica.cpu_seconds();
  return outcome;
}

std::string Engine::version() {
  if (state_->version.empty()) state_->version = lammps_version(state_->settings);
  return state_->version;
}

}  // namespace twin::md
