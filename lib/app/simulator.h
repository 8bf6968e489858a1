// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "md/simulate.h"
#include "record/records.h"
#include "xas/ensemble.h"

namespace twin::app {

struct SimulatorSettings {
  bool reuse = false;  ///< what ran before may answer, or be where a run begins: see md::Engine
};

/// Model in, state out: molecular dynamics by md, the absorption of its ensemble by xas from FEFF's
/// tables, both kept warm between calls.
class Simulator {
 public:
  explicit Simulator(const SimulatorSettings& settings = {});
  ~Simulator();

  /// \throws Error{unavailable} LAMMPS or FEFF can't be run; Error{configuration} the model
  [[nodiscard]] record::State simulate(const record::ModelRecord& model,
                                       const md::ProgressReport& report);

 private:
  struct Tables;
  void find_tables(const record::Model& model, const md::ProgressReport& report);
  [[nodiscard]] xas::Ensemble ensemble_of(const record::Model& model, bool multiple) const;
  md::Engine engine_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace twin::app
