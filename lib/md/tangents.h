// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "md/outcome.h"
#include "record/quantity.h"

namespace twin::md {

/// ∂(observable)/∂λ of a production run, from its own fluctuations:
/// ∂⟨A⟩/∂λ = ⟨∂A/∂λ⟩ - β cov(A, ∂U/∂λ). The frames are weighed as those of λ ± a little (see
/// reweight.h), all observables measured anew, and their difference taken: what is no mean (σ², a
/// phase's share) has its derivative by the same few lines.
///
/// Columns "temperature" (per K of the run's thermostat; at constant pressure the enthalpy is what
/// fluctuates), in a fixed cell without molecules "a" (per Å, all lengths together), and what the
/// potential's numbers are multiplied by, as "A_Cs-I". Rows are the outcome's quantities but those
/// of momenta (temperature, pressure), and in a fixed cell those of the cell itself. Empty where
/// the frames have no energies.
[[nodiscard]] record::Jacobian tangents(const Plan& plan, const Shells& shells,
                                        const Production& production, double thermostat);

}  // namespace twin::md
