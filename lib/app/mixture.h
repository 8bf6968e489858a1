// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "record/records.h"

/// Mixtures of phases: what each absorbs by itself, added up by its share of the absorbing atoms.
/// All on FEFF's scale of energy of their own: chemical shifts between phases are left out.
namespace twin::app {

/// One phase of a model, as a model of its structure alone.
struct PhaseModel {
  std::string name;
  record::Model model;
};

/// The model's own structure (the alternative that runs now) first, then its phases in their order.
/// Seeds of their own, and FEFF's potentials: a phase's are made in its own lattice.
[[nodiscard]] std::vector<PhaseModel> phases_of(const record::Model& model);

/// The state of a mixture: χ(k) and its tangents added up, each phase's beside them as NAME/chi
/// ...; observables and arrays of the phases as NAME/PHASE; at equilibrium when all are.
///
/// \param states  of phases_of(), in that order
/// \throws Error{configuration} the shares are none: one is negative
[[nodiscard]] record::State mixture_of(const record::Model& model,
                                       std::vector<record::State> states);

/// Whether a state has the curves of the model's phases, so that it can be mixed anew.
[[nodiscard]] bool can_be_mixed(const record::State& state, const record::Model& model);

/// The same state at the shares of \p model: nothing is simulated. Blocks for the jackknife: each
/// phase's, the others held, scaled so that all together give the sum of the phases' variances.
void mix(record::State& state, const record::Model& model);

}  // namespace twin::app
