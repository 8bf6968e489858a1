// SPDX-License-Identifier: GPL-3.0-or-later
#include "potential/gate.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "md/observables.h"
#include "md/replica.h"

namespace twin::potential {

namespace {

constexpr int parts = 8;        // of a stretch: after each it is seen whether to go on
constexpr double beyond = 0.1;  // of the training's volumes

double volume_of(const atoms::Frame& frame) {
  return std::abs(frame.cell.determinant()) / static_cast<double>(frame.species.size());
}

/// Slope of y against x by least squares.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<Eigen::Index>(x.size());
  const Eigen::ArrayXd a = Eigen::Map<const Eigen::ArrayXd>(x.data(), n);
  const Eigen::ArrayXd b = Eigen::Map<const Eigen::ArrayXd>(y.data(), n);
  const Eigen::ArrayXd d = a - a.mean();
  return (d * (b - b.mean())).sum() / (d * d).sum();
}

/// The stages of one gate.
class Runner {
 public:
  Runner(const md::Plan& plan, const md::EngineSettings& engine, const GateSettings& settings,
         const md::ProgressReport& report)
      : plan_(plan),
        settings_(settings),
        report_(report),
        replica_(engine, 0),
        shells_(plan.system.ideal, plan.system.topology.framework(), plan.system.sites) {}

  GateRun go() {
    out_.ideal_neighbours = shells_.all().front().count;
    replica_.prepare(plan_.system, std::nullopt, plan_.temperature, settings_.seed);
    try {
      stretch("gate: equilibrate", plan_.equilibrate, false);
      if (out_.ended.empty()) stretch("gate: run", plan_.produce, true);
      if (out_.ended.empty()) isolated();
    } catch (const md::Crash& crash) {
      out_.ended = crash.what();
    } catch (const Error& error) {  // it exploded, or said what is no number
      if (error.cause() != Cause::data && error.cause() != Cause::configuration) throw;
      out_.ended = error.what();
    }
    summarize();
    return std::move(out_);
  }

 private:
  void stretch(const std::string& name, int steps, bool keep) {
    const int every = plan_.system.run.sample_every;
    const int part = std::max(every, steps / parts / every * every);
    for (int done = 0; done < steps && out_.ended.empty(); done += part) {
      report_(name, static_cast<double>(done) / steps);
      stage({plan_.temperature, std::min(part, steps - done), settings_.seed}, keep);
    }
  }

  void stage(const md::Stage& stage, bool keep) {
    const double before = replica_.cpu_seconds();
    replica_.begin(stage);
    replica_.collect([&](const md::Row& row, md::DumpFrame&& frame) {
      last_ = {{frame.cell, frame.positions, plan_.system.ideal.species},
               0,
               row.temperature,
               row.energy_eV,
               row.force_deviation};
      last_.volume = volume_of(last_.frame);
      take(keep);
    });
    cpu_ += replica_.cpu_seconds() - before;
    steps_ += stage.steps;
    look_at_volume();
  }

  void take(bool keep) {
    (keep ? out_.frames : out_.before).push_back(last_);
    if (keep && out_.frames.size() % 5 == 1) count_neighbours(last_);
  }

  void count_neighbours(const GateFrame& frame) {
    out_.neighbours.push_back(shells_.neighbours(frame.frame)[0]);
  }

  void look_at_volume() {
    const md::Deep& deep = plan_.system.potential.deep;
    if (deep.volume_max == 0) return;
    if (last_.volume < deep.volume_max * (1 + beyond) &&
        last_.volume > deep.volume_min * (1 - beyond))
      return;
    out_.ended = "stopped after " + shortest(steps_ * plan_.system.run.timestep_fs * 1e-3) +
                 " ps at " + significant(last_.volume, 4) +
                 " Å³ an atom, more than a tenth outside of the training's volumes";
  }

  /// The energy an atom along a stretch at constant energy.
  void isolated() {
    report_("gate: constant energy", 0);
    const int every = plan_.system.run.sample_every;
    const double step_ps = plan_.system.run.timestep_fs * 1e-3;
    const int samples = std::max(10, static_cast<int>(settings_.isolated_ps / step_ps / every));
    const auto atoms = static_cast<double>(plan_.system.ideal.species.size());
    std::vector<double> time, energy;
    replica_.begin({plan_.temperature, samples * every, settings_.seed, true});
    replica_.collect([&](const md::Row& row, md::DumpFrame&&) {
      time.push_back(static_cast<double>(row.step) * step_ps);
      const double kinetic = 1.5 * (atoms - 1) * boltzmann_eV * row.temperature;
      energy.push_back((row.energy_eV + kinetic) / atoms);
    });
    out_.drift_meV_ps = 1e3 * slope(time, energy);
  }

  void summarize() {
    out_.cpu_seconds = replica_.cpu_seconds();
    if (cpu_ > 0) out_.ns_per_day = steps_ * plan_.system.run.timestep_fs * 1e-6 / cpu_ * 86400;
    if (out_.frames.empty()) {
      const auto half = static_cast<std::ptrdiff_t>(out_.before.size() / 2);
      out_.frames.assign(out_.before.begin() + half, out_.before.end());
      out_.before.resize(static_cast<std::size_t>(half));
      if (!out_.frames.empty()) count_neighbours(out_.frames.back());
    }
    if (out_.frames.empty()) return;
    const auto& count = plan_.structure.supercell;
    const double cells = static_cast<double>(count[0]) * count[1] * count[2];
    const double atoms = static_cast<double>(plan_.system.ideal.species.size());
    const auto mean = [&](std::size_t from, std::size_t to) {
      double sum = 0;
      for (std::size_t i = from; i < to; ++i) sum += out_.frames[i].volume;
      return std::cbrt(sum / static_cast<double>(to - from) * atoms / cells);
    };
    const std::size_t all = out_.frames.size(), tenth = std::max<std::size_t>(1, all / 10);
    out_.a = mean(0, all);
    out_.a_start = mean(0, tenth);
    out_.a_end = mean(all - tenth, all);
  }

  const md::Plan& plan_;
  const GateSettings& settings_;
  const md::ProgressReport& report_;
  md::Replica replica_;
  md::Shells shells_;
  GateRun out_;
  GateFrame last_;
  double cpu_ = 0.0;
  int steps_ = 0;
};

}  // namespace

GateRun run_gate(const md::Plan& plan, const md::EngineSettings& engine,
                 const GateSettings& settings, const md::ProgressReport& report) {
  if (plan.system.potential.deep.models.empty())
    throw Error(Cause::configuration, "potential '" + plan.system.potential.name +
                                          "': the gate is for deep potentials; expected "
                                          "pair_style: deepmd");
  return Runner(plan, engine, settings, report).go();
}

}  // namespace twin::potential
