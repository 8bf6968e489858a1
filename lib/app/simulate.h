// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/run.h"

namespace twin::app {

struct SimulateSettings {
  bool serve = false;
  long long ranks = 1;                    ///< MPI processes a replica
  bool cold = false;                      ///< --serve: every model from its ideal crystal
  std::string potential;                  ///< instead of the model's
  double temperature_K = 0.0;             ///< instead of the model's; 0 = the model's
  double lattice_A = 0.0;                 ///< instead of the model's; 0 = the model's
  long long seed = -1;                    ///< instead of the model's; -1 = the model's
  std::vector<std::string> trajectories;  ///< read instead of running
  long long skip = -1;           ///< frames of each to leave out; -1 = as equilibrium asks for
  std::string write_trajectory;  ///< file to write of the run: see TrajectoryRecorder
  std::string checkpoint;        ///< file to go on from, and to leave behind: see Checkpoint
  double checkpoint_every_s = 30.0;
  std::string spectrum;          ///< XDI file to write: what the beamline would record
  double threshold_eV = 8979.0;  ///< where the edge of that spectrum rises
  double s02 = 0.9;
  double e0_shift_eV = 5.0;
  double noise = 1e-4;  ///< of µ, of the edge step
};

/// twin-simulate: models (files of twin-model(5), or model records on stdin) in; each model record
/// goes out, followed by its state. Not at equilibrium: status 1, with what is missing.
void simulate(Session& session, const SimulateSettings& settings);

/// An input that is a file of twin-model(5), not a stream of records.
[[nodiscard]] bool is_model_file(const std::string& input);

/// \p model with what the settings have instead of its own.
[[nodiscard]] record::Model with_settings(record::Model model, const SimulateSettings& settings);

}  // namespace twin::app
