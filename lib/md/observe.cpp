// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/observe.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "atoms/site_map.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "md/equilibrium.h"
#include "md/observe_parts.h"
#include "md/outcome.h"
#include "md/plan.h"

namespace twin::md {

namespace {

using atoms::TrajectoryFrame;

constexpr std::size_t fewest_frames = 20;

[[noreturn]] void fail(const std::string& what) { throw Error(Cause::data, what); }

/// One source through its first reading.
struct First {
  std::optional<atoms::SiteMap> sites;
  Trajectory values;
  Known known;
  atoms::TrajectoryOrigin origin;
  std::vector<std::optional<double>> times_ps;
};

class Observation {
 public:
  Observation(const record::Model& model, const std::vector<Source>& sources,
              const ProgressReport& report)
      : plan_(make_trajectory_plan(model)),
        sources_(sources),
        report_(report),
        shells_(plan_.system.ideal, all_atoms(plan_.system.ideal), plan_.system.sites) {}

  Observed go(std::optional<std::size_t> skip, const Observer& observer) {
    const double began = process_cpu_seconds();
    for (std::size_t i = 0; i < sources_.size(); ++i) named(i, [&] { first_.push_back(read(i)); });
    join_origins();
    const double thermostat = temperature_of_run(plan_, known_, first_.front().origin, values());
    skip_ = skip ? *skip : find_skip();
    cut_ = !skip;
    check_frames();
    Observed out;
    for (std::size_t i = 0; i < sources_.size(); ++i) out.sources.push_back(taken(i));
    plan_run();
    const Production production = produce(thermostat, observer);
    take_cell(production);
    plan_.temperature = thermostat;
    if (!plan_.system.potential.source.empty()) warn_outside_validity(plan_);
    out.outcome = conclude(plan_, shells_, production, thermostat);
    out.outcome.how = "trajectory";
    out.outcome.start.clear();
    out.outcome.cpu_seconds = process_cpu_seconds() - began;
    out.outcome.ensemble = first_.front().origin.ensemble;
    out.seed = first_.front().origin.seed;
    return out;
  }

 private:
  /// Says of which source an error is.
  template <typename Work>
  void named(std::size_t i, Work work) const {
    const std::string& name = sources_[i].name;
    try {
      work();
    } catch (const Error& error) {
      const bool told = std::string_view(error.what()).find(name) != std::string_view::npos;
      throw told || error.cause() != Cause::data ? error : error.at(name);
    }
  }

  First read(std::size_t i) {
    First first;
    const auto reader = sources_[i].open();
    while (const auto frame = reader->next()) {
      if (!first.sites) {
        if (frame->positions.rows() != plan_.system.ideal.positions.rows())
          fail("its " + std::to_string(frame->positions.rows()) + " atoms are not the model's " +
               std::to_string(plan_.system.ideal.positions.rows()) +
               perhaps_supercell(plan_, *frame));
        cell_ = frame->cell;
        first.sites.emplace(plan_.system.ideal, plan_.system.species, reader->atoms(), *frame);
      }
      FrameValues values = shells_.of(first.sites->place(*frame));
      values.temperature = frame->temperature.value_or(0);
      values.energy_eV = frame->energy_eV.value_or(0);
      first.values.push_back(std::move(values));
      first.times_ps.push_back(frame->time_ps);
      note(*frame, first.known);
      if (first.values.size() % 16 == 1)
        tell("read", 0.5 * static_cast<double>(i) / static_cast<double>(sources_.size()));
    }
    first.origin = reader->origin();
    for (const auto& warning : reader->warnings()) plan_.warnings.push_back(warning);
    return first;
  }

  [[nodiscard]] std::vector<Trajectory> values() const {
    std::vector<Trajectory> all;
    for (const First& first : first_) all.push_back(first.values);
    return all;
  }

  static void note(const TrajectoryFrame& frame, Known& known) {
    known.temperature = known.temperature && frame.temperature;
    known.energy = known.energy && frame.energy_eV;
    known.virial = known.virial && frame.virial_bar;
  }

  /// What the sources must agree in.
  void join_origins() {
    const auto& one = first_.front().origin;
    for (std::size_t i = 0; i < first_.size(); ++i) {
      const auto& other = first_[i].origin;
      if (other.potential != one.potential)
        fail(sources_[i].name + ": of potential " + printable(other.potential) + ", " +
             sources_.front().name + " of " + printable(one.potential));
      const bool differ =
          one.thermostat.has_value() != other.thermostat.has_value() ||
          std::abs(one.thermostat.value_or(0) - other.thermostat.value_or(0)) > 1e-6;
      if (differ)
        fail(sources_[i].name + ": of another thermostat temperature than " +
             sources_.front().name);
      known_.temperature = known_.temperature && first_[i].known.temperature;
      known_.energy = known_.energy && first_[i].known.energy;
      known_.virial = known_.virial && first_[i].known.virial;
    }
    name_potential(plan_, one.potential);
  }

  std::size_t find_skip() {
    if (first_.front().origin.thermostat) return 0;
    const std::vector<Trajectory> all = values();
    if (check_equilibrium(all, {}).equilibrated) return 0;
    std::size_t most = all.front().size();
    for (const Trajectory& one : all) most = std::min(most, one.size());
    most = most > fewest_frames ? most - fewest_frames : 0;
    const std::size_t cut = std::min(settled_from(all, most), most);
    if (cut > 0)
      plan_.warnings.push_back("not at equilibrium as a whole: the first " + std::to_string(cut) +
                               " frames are left out");
    return cut;
  }

  void check_frames() const {
    for (std::size_t i = 0; i < first_.size(); ++i)
      if (first_[i].values.size() < skip_ + fewest_frames)
        fail(sources_[i].name + ": " + std::to_string(first_[i].values.size()) + " frames, " +
             std::to_string(skip_) + " to leave out; at least " + std::to_string(fewest_frames) +
             " must be left for averages and their errors");
  }

  [[nodiscard]] Taken taken(std::size_t i) const {
    const First& first = first_[i];
    return {first.values.size(), skip_, first.sites->reordered(), first.times_ps[skip_],
            first.times_ps.back()};
  }

  /// The cell is the trajectories', and moves where theirs does, at whatever pressure.
  void take_cell(const Production& production) {
    const Eigen::Vector3d first = first_.front().values.front().axes;
    const bool fixed = std::ranges::all_of(first_, [&](const First& source) {
      return std::ranges::all_of(source.values, [&](const FrameValues& frame) {
        return (frame.axes - first).cwiseAbs().maxCoeff() <= 1e-6 * first.maxCoeff();
      });
    });
    const int cells = plan_.structure.supercell[0];
    const auto a = [&](const FrameValues& frame) { return frame.axes[0] / cells; };
    plan_.structure.a = fixed ? first[0] / cells : mean_over(production.replicas, a).value;
    plan_.system.pressure_bar = fixed ? std::nullopt : std::optional(0.0);
    if (fixed) plan_.system.ideal.cell = cell_;
  }

  /// What the plan says of a run, as the trajectories have it.
  void plan_run() {
    std::size_t shortest_one = first_.front().values.size();
    for (const First& first : first_) shortest_one = std::min(shortest_one, first.values.size());
    plan_.system.run.replicas = static_cast<int>(sources_.size());
    plan_.system.run.sample_every = 1;
    plan_.system.run.timestep_fs = 1e3 * interval_ps(first_.front().times_ps).value_or(0);
    plan_.produce = static_cast<int>(shortest_one - skip_);
  }

  /// The second reading, in the order of a run: a frame of each in turn.
  Production produce(double thermostat, const Observer& observer) {
    Production production = empty_production(plan_, sources_.size());
    production.known = known_;
    if (cut_)
      for (const First& first : first_)
        production.before.emplace_back(first.values.begin(),
                                       first.values.begin() + static_cast<std::ptrdiff_t>(skip_));
    std::vector<std::unique_ptr<atoms::TrajectoryReader>> readers;
    for (std::size_t i = 0; i < sources_.size(); ++i)
      named(i, [&] { readers.push_back(sources_[i].open()); });
    std::size_t longest = 0;
    for (const First& first : first_) longest = std::max(longest, first.values.size());
    for (std::size_t index = 0; index < longest; ++index)
      for (std::size_t i = 0; i < sources_.size(); ++i) {
        if (index >= first_[i].values.size()) continue;
        const auto frame = readers[i]->next();
        if (!frame)
          throw Error(Cause::try_again,
                      sources_[i].name + ": it changed while it was read; later may work");
        if (index < skip_) continue;
        const Sample sample = sample_of(i, index - skip_, *frame, thermostat);
        named(i, [&] {
          production.take(i, shells_, sample);
          if (observer) observer(sample);
        });
        if (index % 16 == 0)
          tell("read", 0.5 + 0.5 * static_cast<double>(index) / static_cast<double>(longest));
      }
    return production;
  }

  [[nodiscard]] Sample sample_of(std::size_t i, std::size_t index, const TrajectoryFrame& frame,
                                 double thermostat) const {
    Sample sample;
    sample.replica = static_cast<int>(i);
    sample.block = block_of(sample.replica, index, first_[i].values.size() - skip_);
    sample.frame = first_[i].sites->place(frame);
    sample.temperature = frame.temperature.value_or(0);
    sample.energy_eV = frame.energy_eV.value_or(0);
    sample.virial_bar = frame.virial_bar.value_or(0);
    sample.step = frame.step.value_or(0);
    sample.thermostat = thermostat;
    sample.slopes_eV = plan_.factors.slopes(sample.frame);
    return sample;
  }

  void tell(const std::string& stage, double fraction) const {
    if (report_) report_(stage, fraction);
  }

  Plan plan_;
  const std::vector<Source>& sources_;
  const ProgressReport& report_;
  Shells shells_;
  std::vector<First> first_;
  Known known_;
  Eigen::Matrix3d cell_;  ///< Å, of a frame
  std::size_t skip_ = 0;  ///< frames
  bool cut_ = false;      ///< by MSER-5: what was skipped is the beginning of what counts
};

}  // namespace

Observed observe(const record::Model& model, const std::vector<Source>& sources,
                 std::optional<std::size_t> skip, const Observer& observer,
                 const ProgressReport& report) {
  return Observation(model, sources, report).go(skip, observer);
}

}  // namespace twin::md
