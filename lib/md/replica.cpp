// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/replica.h"

#include <algorithm>
#include <cmath>

#include "atoms/complex.h"
#include "core/text.h"
#include "md/commands.h"
#include "md/potential_file.h"
#include "md/two_starts.h"

namespace twin::md {

namespace {

constexpr const char* data_name = "atoms.data";
constexpr const char* restart_name = "stage.restart";
constexpr const char* relax = "thermo 10\nminimize 1.0e-4 0 200 1000\nreset_timestep 0\n";
constexpr int orientations = -1;  // a random stream: 0 is that of velocities, stages count from 1

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

void Replica::prepare(const System& system, const std::optional<atoms::Frame>& from,
                      double temperature, std::int64_t seed) {
  const Program program = program_for(system.potential, settings_);
  if (program != program_) worker_.reset();  // it looks for files where it was told at its start
  program_ = program;
  system_ = system;
  relaxes_ = !from && !system.topology.molecules.empty();
  // Molecules of a crystal that all point one way would be a phase of its own.
  const auto turns = static_cast<std::uint64_t>(derived_seed(seed, number_, orientations));
  const atoms::Frame& first = system.begins ? *system.begins : system.ideal;
  start_ = from ? *from : atoms::turned_at_random(first, system.topology.molecules, turns);
  start_temperature_ = from ? temperature : 2 * temperature;
  if (!from && OtherStart::of(number_, system.run.starts)) {
    start_temperature_ *= OtherStart::temperature;
    const double scale = system.pressure_bar ? OtherStart::length : 1.0;
    start_.cell *= scale;
    start_.positions *= scale;
  }
  seed_ = seed;
  stages_ = 0;
  step_ = handed_out_ = 0;
  stage_ = {};
  crashed_ = false;
  cpu_before_ = worker_ ? -worker_->cpu_seconds() : 0.0;
}

/// LAMMPS looks for a potential's file in its own folder first. By its usual name it would find one
/// that it was installed with.
void Replica::put_potential() {
  if (!system_.potential.file.empty())
    worker_->put_file(potential_name, potential_file(system_.potential));
}

void Replica::put_atoms() {
  worker_->put_file(data_name, data_file(system_.potential, system_.topology, start_));
}

void Replica::start_worker() { worker_ = std::make_unique<LammpsWorker>(settings_, program_); }

void Replica::begin(const Stage& stage) {
  step_ += stage_.steps;
  const bool retargeted = system_.pressure_bar && stage.temperature != stage_.temperature;
  stage_ = stage;
  ++stages_;
  handed_out_ = step_;
  if (!worker_) start_worker();
  if (stages_ == 1) {
    put_potential();
    put_atoms();
    worker_->begin(setup_commands() + stage_commands());
  } else {
    worker_->begin(std::string("write_restart ") + restart_name + "\n" +
                   (retargeted ? motion_command() : "") + stage_commands());
  }
}

void Replica::collect(const Take& take, const std::stop_token& stop) {
  const Eigen::Index atoms = system_.ideal.positions.rows();
  const int samples = stage_.steps / system_.run.sample_every;
  const double slower = system_.potential.deep.models.empty() ? 1 : 10;  // than ions: measured 8
  const process::Seconds silence(settings_.patience_seconds +
                                 slower * settings_.seconds_per_atom_step *
                                     static_cast<double>(atoms) * system_.run.sample_every);
  worker_->collect(
      atoms, step_, samples, silence,
      [&](const Row& row, DumpFrame&& frame) {
        if (row.step <= handed_out_) return;
        handed_out_ = row.step;
        if (system_.potential.restrains())
          frame.positions = atoms::turned_onto(frame.positions, system_.ideal.positions);
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
  put_potential();
  try {
    if (stages_ > 1) {
      if (!worker_->copy_file(*gone, restart_name)) throw crash;
      worker_->begin(resume_commands() + stage_commands());
    } else {
      put_atoms();
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
  const Topology& topology = system_.topology;
  return "clear\nunits metal\nboundary p p p\n" + box_command() +
         style_commands(system_.potential, topology) + "read_data " + std::string(data_name) +
         "\n" + force_commands() + (relaxes_ ? relax : "") + sampling_commands() +
         "velocity all create " + number(start_temperature_) + " " +
         std::to_string(derived_seed(seed_, number_, 0)) +
         " mom yes rot no dist gaussian loop all\n";
}

/// A supercell of an oblique cell leans by more than half of its length, which LAMMPS takes for a
/// mistake unless it is told: nothing but some speed depends on it.
std::string Replica::box_command() const {
  return system_.ideal.cell.isDiagonal(1e-9) ? "" : "box tilt large\n";
}

std::string Replica::force_commands() const {
  return pair_commands(system_.potential, system_.topology.types, system_.run.sample_every) +
         bonded_commands(system_.potential, system_.topology) +
         "neighbor 1.0 bin\nneigh_modify delay 5 every 1 check yes\n";
}

std::string Replica::resume_commands() const {
  return "clear\n" + box_command() + "read_restart " + std::string(restart_name) + "\n" +
         force_commands() + sampling_commands();
}

/// Langevin's thermostat beside either samples the ensemble. The piston of a cell that moves needs
/// one of its own, at the stage's temperature (G. J. Martyna, D. J. Tobias, M. L. Klein, J. Chem.
/// Phys. 101, 4177 (1994), doi:10.1063/1.467468): "fix nph" takes what the atoms happen to have at
/// its first step, here twice that, and a crystal's volume hears of its atoms' own hardly at all.
///
/// A piston swings the faster the shorter LAMMPS' time is. A quarter of the barostat's 2 ps puts it
/// among the crystal's own vibrations, to which it loses its swing; slower or faster it rings
/// (copper, 108 atoms: 1 ps to 1/e; at 2 ps 6, at 0.25 ps over 40).
std::string Replica::motion_command() const {
  if (!system_.pressure_bar) return "fix motion all nve\n";
  const auto twice = [](double value) { return number(value) + " " + number(value) + " "; };
  return "fix motion all npt temp " + twice(stage_.temperature) + number(system_.run.friction_ps) +
         (system_.anisotropic ? " aniso " : " iso ") + twice(*system_.pressure_bar) +
         number(system_.run.barostat_ps / 4) + "\n";
}

/// What is measured and how the atoms move. Thermo output is a line of our own, see Row.
std::string Replica::sampling_commands() const {
  const std::string every = std::to_string(system_.run.sample_every);
  // Anything but a crystal is spread unevenly over the ranks.
  const char* const balance =
      settings_.ranks > 1 ? "\nfix balance all balance 1000 1.05 shift xyz 10 1.05" : "";
  return "timestep " + number(system_.run.timestep_fs * 1e-3) + balance +
         "\ncompute virial all pressure NULL virial\nthermo " + every +
         "\nthermo_style custom step temp pe c_virial\nthermo_modify norm no lost error "
         "format line \"TWIN%d %.10g %.10g %.10g\"\n" +
         thermostat_command() + rigid_command(system_.potential, system_.topology) +
         motion_command() + drift_command() + "dump frames all custom " + every + " " +
         LammpsWorker::frames_file() +
         " xu yu zu\ndump_modify frames sort id flush yes format line \"%.6f %.6f %.6f\"\n";
}

/// Keeping the crystal in place by sharing out the sum of the random forces ("zero yes") is exact
/// for equal masses; of others it shakes light atoms by what heavy ones got: 96 atoms of MAPbI3 are
/// at 443 K instead of 350. There its velocity is taken off instead, which no other motion feels.
bool Replica::equal_masses() const { return system_.topology.types.size() == 1; }

/// A complex by itself must not turn either: each of its atoms has a site, as in a crystal. Its
/// temperature is that of the motions that it has left.
std::string Replica::drift_command() const {
  if (system_.potential.restrains())
    return "fix drift all momentum 1 linear 1 1 1 angular\ncompute_modify thermo_temp extra/dof " +
           std::to_string(system_.ideal.positions.rows() == 2 ? 5 : 6) + "\n";
  return equal_masses() ? "" : "fix drift all momentum 1 linear 1 1 1\n";
}

/// SHAKE comes after what changes forces and before what moves the box: so the thermostat is there
/// before both, and a stage's own takes its place.
std::string Replica::thermostat_command() const {
  const std::string temperature = number(stage_.temperature);
  return "fix thermostat all langevin " + temperature + " " + temperature + " " +
         number(system_.run.friction_ps) + " " +
         std::to_string(derived_seed(stage_.seed, number_, stages_)) +
         (equal_masses() ? " zero yes\n" : " zero no\n");
}

std::string Replica::stage_commands() const {
  if (stage_.isolated)
    return "unfix thermostat\nunfix motion\nfix motion all nve\nrun " +
           std::to_string(stage_.steps) + "\n";
  return thermostat_command() + "run " + std::to_string(stage_.steps) + "\n";
}

}  // namespace twin::md
