// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/extract_xas.h"
#include "record/records.h"

namespace twin::app {

/// The result of a state's simulated measurement, with the state's own observables beside the
/// fitted ones, named NAME/md, and their derivatives.
[[nodiscard]] record::Result extract_state(const XasExtraction& extraction,
                                           const record::State& state,
                                           const record::Measurement& simulated);

}  // namespace twin::app
