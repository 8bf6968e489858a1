// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/match.h"

namespace twin::app {

/// A search that drives settings.engine by itself: simulates what match::decide() asks for until
/// it has its answer. Writes each model, state, result and verdict.
/// \throws Error{unavailable} the engine failed
void search(Session& session, const MatchSettings& settings);

}  // namespace twin::app
