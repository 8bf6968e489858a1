// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/joint_extraction.h"
#include "record/records.h"

namespace twin::app {

/// \throws Error{configuration} phases of a model without measure_with: nothing tells them apart
void check_phases(const record::Model& model);

/// Mixes \p state anew at the fractions that fit \p measured best, all else as it ran: what the
/// mixture shows goes through the same extraction as what was measured. A state without the curves
/// of its phases stays as it is.
void find_fractions(record::State& state, const record::Model& model,
                    const record::Result& measured,
                    const std::optional<JointExtraction>& extraction);

}  // namespace twin::app
