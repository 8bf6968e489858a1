// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "record/policy.h"
#include "record/records.h"
#include "steer/summary.h"

namespace twin::steer {

/// Compares each period of a stream with the one before it, and the first with the last: mean
/// differences of the watched quantities with the random errors of the repeats, and with the
/// systematic ones too where the set-up changed; Holm's correction over quantities and pairs.
///
/// Within one set-up the systematic error is the same in both periods and drops out; two set-ups
/// err independently, in quadrature. Random error of a mean: max(s, claimed)/√n; repeats that
/// nobody measured (context.synthetic) tell the noise, not a better mean: max(s, claimed), and the
/// event says so. A quantity is left out of a pair where its unit or method changes.
///
/// Results without a period are left out. A pair with nothing in common gives an event that says
/// so.
[[nodiscard]] std::vector<record::Event> compare_periods(const Periods& results,
                                                         const record::Policy& policy);

/// The mode that an event asks for: policy.track when something is significant, else policy.quiet.
/// It names the quantities as its reason, lives policy.ttl_seconds, and is the same for the same
/// input.
/// \throws Error{configuration}  that mode is not among policy.modes
[[nodiscard]] record::Command command_for(const record::Event& event, const record::Policy& policy,
                                          std::int64_t sequence);

}  // namespace twin::steer
