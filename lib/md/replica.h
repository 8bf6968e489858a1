// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "md/lammps_worker.h"
#include "md/potentials.h"
#include "md/program.h"
#include "md/topology.h"
#include "record/model.h"

namespace twin::md {

/// What a replica simulates.
struct System {
  Potential potential;
  Topology topology;                 ///< of the potential in the ideal crystal
  std::vector<std::string> species;  ///< elements, as the frame's species count them
  atoms::Frame ideal;                ///< upright: see atoms::upright()
  std::vector<int> sites;  ///< [atoms] of a mixed crystal: species before substitution; empty else
  std::optional<atoms::Frame> begins;  ///< where runs begin, where that is not the ideal crystal
  record::RunLength run;
  std::optional<double> pressure_bar;  ///< nothing: the cell is fixed
  bool anisotropic = false;            ///< the three lengths of the cell follow by themselves
};

/// A stretch of a run at one temperature.
struct Stage {
  double temperature = 0.0;  ///< K, of the thermostat
  int steps = 0;             ///< a multiple of run.sample_every
  std::int64_t seed = 0;     ///< of the model; the replica's and the stage's numbers join it
  bool isolated = false;     ///< no thermostat, the cell as it is: energy is conserved; not first
};

/// One trajectory of a system: the worker, its stages, and what to do when it crashes.
///
/// Each stage begins with a restart file in the worker's folder and a thermostat with a seed of its
/// own. A crashed worker is replaced once a run, and goes on from the beginning of the stage;
/// samples that were already handed out are not handed out again.
class Replica {
 public:
  using Take = LammpsWorker::Take;

  Replica(const EngineSettings& settings, int number) : settings_(settings), number_(number) {}

  /// Forgets what ran before: the ideal crystal, velocities of twice \p temperature, half of which
  /// becomes potential energy; or \p from, a configuration of that temperature, with velocities to
  /// match. With two starts every second replica begins far from there (two_starts.h). The ideal
  /// crystal's molecules are turned at random, by the replica's own seed, and its
  /// atoms pushed to where forces are small before they move. Only notes it: the commands go out
  /// with the first stage.
  void prepare(const System& system, const std::optional<atoms::Frame>& from, double temperature,
               std::int64_t seed);

  /// Sends a stage off; from the thread that made the replica.
  /// \throws Crash  begin_again() may help
  void begin(const Stage& stage);

  /// Waits for the stage, handing out each sample; in any thread.
  /// \throws Error as LammpsWorker::collect; Crash: begin_again() may help
  void collect(const Take& take, const std::stop_token& stop = {});

  /// After a crash: a new worker, from the beginning of the stage; from the thread that made the
  /// replica.
  /// \throws Crash  it was the second one
  void begin_again(const Crash& crash);

  /// Kills the worker: it is in the middle of something that nobody waits for.
  void abandon() { worker_.reset(); }

  /// Of the workers since prepare(), s.
  [[nodiscard]] double cpu_seconds() const;

 private:
  void start_worker();
  void put_potential();
  void put_atoms();
  [[nodiscard]] std::string setup_commands() const;
  [[nodiscard]] std::string box_command() const;
  [[nodiscard]] std::string force_commands() const;
  [[nodiscard]] std::string resume_commands() const;
  [[nodiscard]] std::string motion_command() const;
  [[nodiscard]] std::string sampling_commands() const;
  [[nodiscard]] bool equal_masses() const;
  [[nodiscard]] std::string drift_command() const;
  [[nodiscard]] std::string thermostat_command() const;
  [[nodiscard]] std::string stage_commands() const;

  EngineSettings settings_;
  int number_;
  std::unique_ptr<LammpsWorker> worker_;
  Program program_;
  System system_;
  atoms::Frame start_;              ///< where the atoms are at first
  bool relaxes_ = false;            ///< from there, before they move
  double start_temperature_ = 0.0;  ///< K, of the velocities
  std::int64_t seed_ = 0;
  Stage stage_;
  int stages_ = 0;               ///< begun since prepare()
  std::int64_t step_ = 0;        ///< at the beginning of the stage
  std::int64_t handed_out_ = 0;  ///< the last step whose sample was
  bool crashed_ = false;
  double cpu_before_ = 0.0;
};

/// A seed for LAMMPS, 1 .. 9·10⁸, from what tells random streams apart.
[[nodiscard]] int derived_seed(std::int64_t seed, int replica, int stream);

}  // namespace twin::md
