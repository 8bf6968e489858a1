// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/replica.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace twin::md {

namespace {

constexpr const char* data_name = "atoms.data";
constexpr const char* restart_name = "stage.restart";

std::string number(double value) { return shortest(value); }

}  // namespace

int derived_seed(std::int64_t seed, int replica, int stream) {
  std::uint64_t x = static_cast<std::uint64_t>(seed);
  for (const int part : {replica, stream}) {  // splitmix64 after each part
    x += 0x9e3779b97f4a7c15U * (static_cast<std::uint64_t>(part) + 1);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    x ^= x >> 31;
  }
  return static_cast<int>(x % 900'000'000U) + 1;
}

std::string data_file(const atoms::Frame& frame, double mass) {
  const Eigen::Matrix3d cell = frame.cell;
  if (!cell.isDiagonal(1e-12) || !(cell.diagonal().minCoeff() > 0))
    throw Error(Cause::configuration, "structure: the cell is not orthogonal; only such cells run");
  std::string text =
      "ideal crystal\n\n" + std::to_string(frame.positions.rows()) + " atoms\n1 atom types\n";
  const char* const axes[] = {"x", "y", "z"};
  for (int i = 0; i < 3; ++i)
    text += "0 " + number(cell(i, i)) + " " + axes[i] + "lo " + axes[i] + "hi\n";
  text += "\nMasses\n\n1 " + number(mass) + "\n\nAtoms # atomic\n\n";
  for (Eigen::Index i = 0; i < frame.positions.rows(); ++i) {
    text += std::to_string(i + 1) + " 1";
    for (int axis = 0; axis < 3; ++axis) text += " " + number(frame.positions(i, axis));
    text += "\n";
  }
  return text;
}

void Replica::prepare(const System& system, double temperature, std::int64_t seed) {
  const std::string folder = folder_of(system.potential);
  if (folder != folder_) worker_.reset();  // LAMMPS looks for potentials where it was told at start
  folder_ = folder;
  system_ = system;
  start_temperature_ = temperature;
  seed_ = seed;
  stages_ = 0;
  step_ = handed_out_ = 0;
  stage_ = {};
  crashed_ = false;
  cpu_before_ = worker_ ? -worker_->cpu_seconds() : 0.0;
}

void Replica::start_worker() { worker_ = std::make_unique<LammpsWorker>(settings_, folder_); }

void Replica::begin(const Stage& stage) {
  step_ += stage_.steps;
  stage_ = stage;
  ++stages_;
  handed_out_ = step_;
  if (!worker_) start_worker();
  if (stages_ == 1) {
    worker_->put_file(data_name, data_file(system_.ideal, system_.potential.mass));
    worker_->begin(setup_commands() + stage_commands());
  } else {
    worker_->begin(std::string("write_restart ") + restart_name + "\n" + stage_commands());
  }
}

void Replica::collect(const Take& take, const std::stop_token& stop) {
  const Eigen::Index atoms = system_.ideal.positions.rows();
  const int samples = stage_.steps / system_.run.sample_every;
  const process::Seconds deadline(settings_.patience_seconds + settings_.seconds_per_atom_step *
                                                                   static_cast<double>(atoms) *
                                                                   stage_.steps);
  worker_->collect(
      atoms, step_, samples, deadline,
      [&](const Row& row, DumpFrame&& frame) {
        if (row.step <= handed_out_) return;
        handed_out_ = row.step;
        take(row, std::move(frame));
      },
      stop);
}

void Replica::begin_again(const Crash& crash) {
  const auto twice = [&](const Crash& last) {
    return Crash(std::string(last.what()) + " (the second crash of replica " +
                 std::to_string(number_ + 1) + ")");
  };
  if (crashed_) throw twice(crash);
  crashed_ = true;
  // The restart file is in the folder of the worker that has gone: there for as long as it is.
  const std::unique_ptr<LammpsWorker> gone = std::move(worker_);
  start_worker();
  try {
    if (stages_ > 1) {
      if (!worker_->copy_file(*gone, restart_name)) throw crash;
      worker_->begin(resume_commands() + stage_commands());
    } else {
      worker_->put_file(data_name, data_file(system_.ideal, system_.potential.mass));
      worker_->begin(setup_commands() + stage_commands());
    }
  } catch (const Crash& second) {
    throw twice(second);
  }
}

double Replica::cpu_seconds() const {
  return cpu_before_ + (worker_ ? worker_->cpu_seconds() : 0.0);
}

/// The skin of 1 Å: a solid at any temperature here rebuilds its lists hardly ever, which saves
/// more than the longer lists cost (256 atoms of copper: 20 % faster than with 0.6 or 0.3).
std::string Replica::setup_commands() const {
  return "clear\nunits metal\natom_style atomic\nboundary p p p\nread_data " +
         std::string(data_name) + "\n" + pair_commands(system_.potential) + sampling_commands() +
         "velocity all create " + number(2 * start_temperature_) + " " +
         std::to_string(derived_seed(seed_, number_, 0)) +
         " mom yes rot no dist gaussian loop all\n";
}

std::string Replica::resume_commands() const {
  return "clear\nread_restart " + std::string(restart_name) + "\n" +
         pair_commands(system_.potential) + sampling_commands();
}

/// What is measured and how the atoms move. Thermo output is a line of our own, see Row.
std::string Replica::sampling_commands() const {
  const std::string every = std::to_string(system_.run.sample_every);
  return "neighbor 1.0 bin\nneigh_modify delay 5 every 1 check yes\ntimestep " +
         number(system_.run.timestep_fs * 1e-3) +
         "\ncompute virial all pressure NULL virial\nthermo " + every +
         "\nthermo_style custom step temp pe c_virial\nthermo_modify norm no lost error "
         "format line \"TWIN%d %.10g %.10g %.10g\"\nfix motion all nve\ndump frames all custom " +
         every + " " + LammpsWorker::frames_file() +
         " xu yu zu\ndump_modify frames sort id flush yes format line \"%.6f %.6f %.6f\"\n";
}

std::string Replica::stage_commands() const {
  const std::string temperature = number(stage_.temperature);
  return "fix thermostat all langevin " + temperature + " " + temperature + " " +
         number(system_.run.friction_ps) + " " +
         std::to_string(derived_seed(stage_.seed, number_, stages_)) + " zero yes\nrun " +
         std::to_string(stage_.steps) + "\n";
}

}  // namespace twin::md
