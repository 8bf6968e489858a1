// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/text.h"
#include "md/einstein.h"
#include "md/equilibrium.h"
#include "md/lanes.h"

namespace twin::md {

namespace {

KeptFrame kept(const Sample& sample) {
  return {sample.frame.positions.cast<float>(),
          sample.frame.cell,
          sample.temperature,
          sample.energy_eV,
          sample.virial_bar,
          sample.force_deviation,
          sample.slopes_eV};
}

/// One run of the engine: its stages in order.
class Run {
 public:
  Run(Plan& plan, const Shells& shells, std::vector<Replica>& replicas, const Start& start,
      const ProgressReport& report)
      : plan_(plan), replicas_(replicas), start_(start), report_(report), shells_(shells) {
    sample_.frame = plan.system.ideal;
    constexpr double lowest_start = 100;  // K, where zero-point motion decides: θ/2 is unknown yet
    thermostat_ = plan.einstein ? std::max(plan.temperature, lowest_start) : plan.temperature;
    if (plan.einstein && start.from)
      thermostat_ = classical_temperature(plan.temperature, start.from->theta);
    if (start.earlier) thermostat_ = start.from->thermostat;
  }

  /// \param keep, last  see run()
  Outcome go(const Observer& observe, Recording* keep, Recording* last) {
    last_ = last;
    if (last_) last_->replicas.assign(replicas_.size(), {});
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      std::optional<atoms::Frame> from;
      if (start_.from) from = start_from(*start_.from, i, plan_, thermostat_);
      replicas_[i].prepare(plan_.system, from, thermostat_, start_.seed);
    }
    std::vector<Trajectory> before;
    std::vector<std::string> moving;
    if (start_.earlier) {
      moving = start_.from->moving;
    } else {
      before = start_.from ? stretch(quarter()) : equilibrate();
      moving = settle(before);
    }
    if (last_) last_->moving = moving;
    Production production = produce(observe, keep);
    production.before = std::move(before);
    Outcome outcome = conclude(plan_, shells_, production, thermostat_);
    outcome.start = start_.from ? "restart" : "ideal";
    if (!moving.empty()) {
      outcome.equilibrated = false;
      outcome.missing = join(moving, ", ") + " still moved before the production run" +
                        (outcome.missing.empty() ? "" : "; " + outcome.missing);
    }
    if (keep) keep->thermostat = thermostat_;
    return outcome;
  }

 private:
  /// The steps that were asked for.
  std::vector<Trajectory> equilibrate() {
    const int every = plan_.system.run.sample_every;
    const int first = plan_.einstein ? multiple(plan_.equilibrate / 2) : plan_.equilibrate;
    std::vector<Trajectory> frames = stretch(first);
    if (plan_.einstein) {
      retarget(frames);
      frames = stretch(std::max(every, plan_.equilibrate - first));
    }
    return frames;
  }

  /// What a start near this target needs at least.
  [[nodiscard]] int quarter() const {
    return multiple(std::max(plan_.equilibrate / 4, 25 * plan_.system.run.sample_every));
  }

  /// Until the trigger fires: by as much as there is, at most a quarter of the production run.
  std::vector<std::string> settle(std::vector<Trajectory>& frames) {
    const auto more = [&](std::vector<Trajectory>& all) {
      const std::size_t some =
          std::max<std::size_t>(25, std::min(all.front().size(), produced_frames() / 4));
      const std::vector<Trajectory> next =
          stretch(static_cast<int>(some) * plan_.system.run.sample_every);
      for (std::size_t i = 0; i < all.size(); ++i)
        all[i].insert(all[i].end(), next[i].begin(), next[i].end());
    };
    return md::settle(frames, produced_frames(), more);
  }

  /// Of each replica.
  [[nodiscard]] std::size_t produced_frames() const {
    return static_cast<std::size_t>(plan_.produce / plan_.system.run.sample_every);
  }

  /// To the classical temperature of the zero-point motion that the frames show.
  void retarget(const std::vector<Trajectory>& frames) {
    std::vector<Trajectory> settled;  // its second half: the first has the start in it
    for (const Trajectory& replica : frames)
      settled.emplace_back(replica.begin() + static_cast<std::ptrdiff_t>(replica.size() / 2),
                           replica.end());
    const double theta = einstein_of(settled, plan_, shells_, thermostat_).value;
    thermostat_ = classical_temperature(plan_.temperature, theta);
    if (last_) last_->theta = theta;
  }

  std::vector<Trajectory> stretch(int steps) {
    std::vector<Trajectory> frames(replicas_.size());
    const auto take = [&](int replica, const Row& row, const DumpFrame& frame) {
      frames[static_cast<std::size_t>(replica)].push_back(
          measure(shells_, put(replica, row, frame)));
      tell("equilibrate", std::min(0.99, equilibrating_++ / expected(plan_.equilibrate)));
    };
    stage(steps, take, "equilibrate");
    return frames;
  }

  Production produce(const Observer& observe, Recording* keep) {
    Production production = empty_production(plan_, replicas_.size());
    if (keep) keep->replicas.resize(replicas_.size());
    const std::size_t frames = produced_frames();
    int taken = 0;
    const auto take = [&](Sample& sample) {
      const auto of = static_cast<std::size_t>(sample.replica);
      sample.block = block_of(sample.replica, production.replicas[of].size(), frames);
      production.take(of, shells_, sample);
      if (keep) keep->replicas[of].push_back(kept(sample));
      if (observe) observe(sample);
      tell("produce", ++taken / expected(plan_.produce));
    };
    int left = plan_.produce;
    if (start_.earlier) {
      start_.earlier->read([&](int replica, std::int64_t step, const KeptFrame& frame) {
        take(put(replica, step, frame));
      });
      left -= static_cast<int>(start_.earlier->frames) * plan_.system.run.sample_every;
      sample_.earlier = false;
      begun_at_ = sample_.step;
    }
    if (left <= 0) return production;
    stage(
        left,
        [&](int replica, const Row& row, const DumpFrame& frame) {
          Sample& sample = put(replica, row, frame);
          sample.slopes_eV = plan_.factors.slopes(sample.frame);
          take(sample);
        },
        "produce");
    return production;
  }

  /// A sample of what LAMMPS wrote, all but its block.
  Sample& put(int replica, const Row& row, const DumpFrame& frame) {
    sample_.replica = replica;
    sample_.frame.cell = frame.cell;
    sample_.frame.positions = frame.positions;
    sample_.temperature = row.temperature;
    sample_.energy_eV = row.energy_eV;
    sample_.virial_bar = row.virial_bar;
    sample_.force_deviation = row.force_deviation;
    sample_.step = begun_at_ + row.step;
    sample_.thermostat = thermostat_;
    if (last_) last_->replicas[static_cast<std::size_t>(replica)] = {kept(sample_)};
    return sample_;
  }

  /// The same of a frame that was kept.
  Sample& put(int replica, std::int64_t step, const KeptFrame& frame) {
    sample_.replica = replica;
    sample_.frame.cell = frame.cell;
    sample_.frame.positions = frame.positions.cast<double>();
    sample_.temperature = frame.temperature;
    sample_.energy_eV = frame.energy_eV;
    sample_.virial_bar = frame.virial_bar;
    sample_.force_deviation = frame.force_deviation;
    sample_.slopes_eV = frame.slopes_eV;
    sample_.step = step;
    sample_.thermostat = thermostat_;
    sample_.earlier = true;
    return sample_;
  }

  void stage(int steps, const Sink& sink, const std::string& name) {
    if (last_) last_->thermostat = thermostat_;
    const auto tick = [&] { tell(name, fraction_); };
    run_stage(replicas_, {thermostat_, steps, start_.seed}, sink, tick, plan_.warnings);
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
  Start start_;
  const ProgressReport& report_;
  const Shells& shells_;
  Sample sample_;            ///< the last one; its frame has the crystal's species
  double thermostat_ = 0.0;  ///< K
  double fraction_ = 0.0;
  int equilibrating_ = 0;
  std::int64_t begun_at_ = 0;  ///< the step that a run was cut short at, which this goes on with
  Recording* last_ = nullptr;
};

}  // namespace

Outcome run(Plan& plan, const Shells& shells, std::vector<Replica>& replicas, const Start& start,
            const Observer& observe, Recording* keep, Recording* last,
            const ProgressReport& report) {
  return Run(plan, shells, replicas, start, report).go(observe, keep, last);
}

}  // namespace twin::md
