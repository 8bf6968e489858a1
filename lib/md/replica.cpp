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

namespace {

/// "1 1 1.36 0 0 0": number, type, perhaps a charge, position.
std::string atom_line(const System& system, const atoms::Frame& at, Eigen::Index i) {
  const int species = at.species[static_cast<std::size_t>(i)];
  std::string text = std::to_string(i + 1) + " " + std::to_string(species + 1);
  if (!system.potential.charges.empty())
    text += " " +
            number(system.potential.charges.at(system.species[static_cast<std::size_t>(species)]));
  for (int axis = 0; axis < 3; ++axis) text += " " + number(at.positions(i, axis));
  return text + "\n";
}

void check_neutral(const System& system) {
  if (system.potential.charges.empty()) return;
  double total = 0;
  for (const int species : system.ideal.species)
    total += system.potential.charges.at(system.species[static_cast<std::size_t>(species)]);
  if (std::abs(total) > 1e-6 * static_cast<double>(system.ideal.species.size()))
    throw Error(Cause::configuration, "structure: the charges of " + system.potential.name +
                                          " add up to " + significant(total, 3) +
                                          " e; expected a neutral cell");
}

}  // namespace

std::string data_file(const System& system, const atoms::Frame& at) {
  const Eigen::Matrix3d cell = at.cell;
  if (!cell.isDiagonal(1e-9) || !(cell.diagonal().minCoeff() > 0))
    throw Error(Cause::configuration, "structure: the cell is not orthogonal; only such cells run");
  check_neutral(system);
  std::string text = "crystal\n\n" + std::to_string(at.positions.rows()) + " atoms\n" +
                     std::to_string(system.species.size()) + " atom types\n";
  const char* const axes[] = {"x", "y", "z"};
  for (int i = 0; i < 3; ++i)
    text += "0 " + number(cell(i, i)) + " " + axes[i] + "lo " + axes[i] + "hi\n";
  text += "\nMasses\n\n";
  for (std::size_t i = 0; i < system.species.size(); ++i)
    text +=
        std::to_string(i + 1) + " " + number(system.potential.mass_of(system.species[i])) + "\n";
  text += system.potential.charges.empty() ? "\nAtoms # atomic\n\n" : "\nAtoms # charge\n\n";
  for (Eigen::Index i = 0; i < at.positions.rows(); ++i) text += atom_line(system, at, i);
  return text;
}

void Replica::prepare(const System& system, const std::optional<atoms::Frame>& from,
                      double temperature, std::int64_t seed) {
  const std::string folder = folder_of(system.potential);
  if (folder != folder_) worker_.reset();  // LAMMPS looks for potentials where it was told at start
  folder_ = folder;
  system_ = system;
  start_ = from.value_or(system.ideal);
  start_temperature_ = from ? temperature : 2 * temperature;
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
    worker_->put_file(data_name, data_file(system_, start_));
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
      worker_->put_file(data_name, data_file(system_, start_));
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
  const std::string style = system_.potential.charges.empty() ? "atomic" : "charge";
  return "clear\nunits metal\natom_style " + style + "\nboundary p p p\nread_data " +
         std::string(data_name) + "\n" + pair_commands(system_.potential, system_.species) +
         sampling_commands() + "velocity all create " + number(start_temperature_) + " " +
         std::to_string(derived_seed(seed_, number_, 0)) +
         " mom yes rot no dist gaussian loop all\n";
}

std::string Replica::resume_commands() const {
  return "clear\nread_restart " + std::string(restart_name) + "\n" +
         pair_commands(system_.potential, system_.species) + sampling_commands();
}

/// Langevin's thermostat beside either samples the ensemble: in a cell that moves by Hoover's
/// equations (M. Parrinello, A. Rahman, J. Appl. Phys. 52, 7182 (1981), doi:10.1063/1.328693).
std::string Replica::motion_command() const {
  if (!system_.pressure_bar) return "fix motion all nve\n";
  const std::string pressure = number(*system_.pressure_bar);
  return std::string("fix motion all nph ") + (system_.anisotropic ? "aniso " : "iso ") + pressure +
         " " + pressure + " " + number(system_.run.barostat_ps) + "\n";
}

/// What is measured and how the atoms move. Thermo output is a line of our own, see Row.
std::string Replica::sampling_commands() const {
  const std::string every = std::to_string(system_.run.sample_every);
  return "neighbor 1.0 bin\nneigh_modify delay 5 every 1 check yes\ntimestep " +
         number(system_.run.timestep_fs * 1e-3) +
         "\ncompute virial all pressure NULL virial\nthermo " + every +
         "\nthermo_style custom step temp pe c_virial\nthermo_modify norm no lost error "
         "format line \"TWIN%d %.10g %.10g %.10g\"\n" +
         motion_command() + "dump frames all custom " + every + " " + LammpsWorker::frames_file() +
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
