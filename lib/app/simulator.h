// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/simulated_edge.h"
#include "md/observe.h"
#include "md/plan.h"
#include "md/simulate.h"
#include "record/records.h"

namespace twin::app {

struct SimulatorSettings {
  bool reuse = false;  ///< what ran before may answer, or be where a run begins: see md::Engine
  int ranks = 1;       ///< MPI processes a replica
};

/// Trajectories that were run elsewhere, for a state.
struct Trajectories {
  std::vector<md::Source> sources;
  std::optional<std::size_t> skip;  ///< frames at the beginning of each; nothing: see md::observe
  std::string ensemble;             ///< names them where their files do not
};

/// Model in, state out: molecular dynamics by md, the absorption of its ensemble by xas from FEFF's
/// tables, both kept warm between calls.
class Simulator {
 public:
  explicit Simulator(const SimulatorSettings& settings = {});

  /// A mixture is simulated phase by phase: see mixture.h.
  /// \param also  sees every frame of the production run, of a model of one structure
  /// \throws Error{unavailable} LAMMPS or FEFF can't be run; Error{configuration} the model
  [[nodiscard]] record::State simulate(const record::ModelRecord& model,
                                       const md::ProgressReport& report,
                                       const md::Observer& also = {});

  /// The same of trajectories instead of a run: what they do not tell is left out of the state, and
  /// a warning says so.
  /// \throws Error  of md::observe; Error{unavailable} FEFF can't be run
  [[nodiscard]] record::State observe(const record::ModelRecord& model,
                                      const Trajectories& trajectories,
                                      const md::ProgressReport& report);

  [[nodiscard]] md::Engine& engine() { return engine_; }

 private:
  /// Frames to an observer, an outcome in the end.
  using Produce = std::function<md::Outcome(const md::Observer&)>;
  [[nodiscard]] record::State state_of(const record::ModelRecord& record, int replicas,
                                       const Produce& produce, const md::ProgressReport& report);
  [[nodiscard]] record::State simulate_phases(const record::ModelRecord& record,
                                              const md::ProgressReport& report);
  static void refuse_phases(const record::ModelRecord& record, const std::string& why);

  SimulatorSettings settings_;
  md::Engine engine_;
  std::map<std::string, std::shared_ptr<const EdgeTables>> tables_;  ///< by their edges
  std::map<std::string, std::unique_ptr<Simulator>> phases_;  ///< of a mixture, by their names
};

}  // namespace twin::app
