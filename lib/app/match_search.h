// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/match.h"

namespace twin::app {

/// A search that drives settings.engine by itself: simulates what match::decide() asks for until
/// it has its answer. Writes each model, state, result and verdict. A model without measure_with is
/// compared by the states' own quantities: there are no results then.
///
/// settings.resume: what earlier searches simulated is written again and counts as the history;
/// what is left to do is what they had not done. \throws Error{data} it is of another model
///
/// An engine that fails ends the search with the status of its failure; what was simulated before
/// has been written, and is in the next model.
void search(Session& session, const MatchSettings& settings);

}  // namespace twin::app
