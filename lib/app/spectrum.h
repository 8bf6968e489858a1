// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/simulate.h"
#include "record/records.h"

namespace twin::app {

/// Writes what the beamline would record of a simulated χ(k), as XDI: µ(E) with an arctangent edge,
/// a smooth background, S0², an E0 shift and Gaussian noise (seeded by the state's seed). For
/// training, and for closure tests of the whole chain: the header says that nobody measured it.
/// \throws Error{usage} the state holds no simulated absorption; Error{cannot_create},
/// Error{output}
void write_spectrum(const record::State& state, const SimulateSettings& settings);

}  // namespace twin::app
