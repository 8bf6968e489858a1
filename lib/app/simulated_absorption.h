// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>

#include "md/factors.h"
#include "md/simulate.h"
#include "record/records.h"
#include "xas/ensemble.h"

namespace twin::app {

/// The value of a free parameter of a model; \p otherwise where it is not free.
[[nodiscard]] double value_of(const record::Model& model, const std::string& name,
                              double otherwise);

/// What goes with a frame for the tangents: at constant pressure the enthalpy is the energy.
[[nodiscard]] xas::FrameWeight weight_of(const record::Model& model, const md::Sample& sample);

/// What a state is of, K: the temperature that was asked for, where the frames are near enough to
/// be taken there; of a trajectory that is not, the one that it stands for, with a warning.
[[nodiscard]] double temperature_of(const record::Model& model, md::Outcome& outcome);

/// χ(k) at \p temperature K, and what of its tangents the frames tell: those by temperature and by
/// the potential's numbers need their energies, that by the lattice parameter their virials too.
/// \param factors  whose slopes the ensemble was given
[[nodiscard]] record::Measurement simulated_absorption(
    const record::Model& model, const md::Outcome& outcome, const xas::Ensemble& ensemble,
    const md::Factors& factors, const Eigen::VectorXd& k, double temperature);

/// Multiple scattering by the ideal lattice's paths is asked for, and FEFF has such paths.
[[nodiscard]] bool wants_multiple(const record::Model& model);

/// Why it is left out nevertheless, as the paths' atoms must all be there, and alike: "the crystal
/// has vacancies"; "" where it is not.
[[nodiscard]] std::string no_multiple(const record::Model& model);

/// The state's own tangents by the model's parameters: by the sample's temperature, not the run's,
/// and by a strain where that is free.
[[nodiscard]] record::Jacobian by_parameters(const md::Outcome& outcome,
                                             const record::Model& model);

/// What a trajectory's frames do not tell, and what a state lacks therefore; "" where nothing does.
/// \param shown  the state has an absorption
[[nodiscard]] std::string left_out(const md::Known& known, bool shown);

}  // namespace twin::app
