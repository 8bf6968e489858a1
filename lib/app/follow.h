// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/match.h"

namespace twin::app {

/// twin-match --follow: each record passes on at once; a twin is led along the physical results.
///
/// Of each result its engine first says what it expects at the measured conditions, from what the
/// results before said of the model (by one seed, so that an engine which reweights may answer at
/// once from what it ran before); then the two are compared. Where that is no match the model is
/// searched anew, and where nothing fits, its other structures and potentials are; both are told as
/// events. Verdicts follow by the ids of what they compare, with their lag. A result that comes
/// while an earlier one is at work waits; of several the newest is taken, and a gap says how many
/// passed by; results in files wait for each other. An engine that fails is started again, its
/// failure a record.
///
/// \throws Error{data}  no physical result came, or none by the model's recipe
void follow(Session& session, const MatchSettings& settings);

}  // namespace twin::app
