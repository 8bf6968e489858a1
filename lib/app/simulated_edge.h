// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/sampled_scattering.h"
#include "md/plan.h"
#include "md/simulate.h"
#include "record/records.h"
#include "xas/ensemble.h"

namespace twin::app {

/// FEFF's answers for one edge of a model.
struct EdgeTables;

/// The model once for each of its edges, with that one alone; none where it has no absorption.
[[nodiscard]] std::vector<record::Model> by_edge(const record::Model& model);

/// Those of \p model's edge: \p known where they are those, else by FEFF.
/// \throws Error{unavailable} FEFF can't be run; Error{configuration} no such atom in the structure
[[nodiscard]] std::shared_ptr<const EdgeTables> tables_of(const record::Model& model,
                                                          std::shared_ptr<const EdgeTables> known,
                                                          const md::ProgressReport& report);

/// What one edge shows of a simulation, frame by frame.
class SimulatedEdge {
 public:
  /// \param model  of one edge: see by_edge()
  /// \throws Error{configuration} no absorber is left in the crystal
  SimulatedEdge(record::Model model, std::shared_ptr<const EdgeTables> tables, const md::Plan& plan,
                int replicas);

  void add(const md::Sample& sample);

  /// \param temperature  of the sample, K
  [[nodiscard]] record::Measurement measurement(const md::Outcome& outcome, const md::Plan& plan,
                                                double temperature,
                                                const md::ProgressReport& report) const;

 private:
  record::Model model_;
  std::shared_ptr<const EdgeTables> tables_;
  xas::Ensemble ensemble_;
  std::optional<SampledScattering> sampled_;
};

}  // namespace twin::app
