// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "record/policy.h"
#include "record/records.h"

namespace twin::steer {

/// Compares each period of a stream with the one before it, and the first with the last: mean
/// differences of the watched quantities with the random errors of the repeats, and with the
/// systematic ones too where the set-up changed; Holm's correction over quantities and pairs.
///
/// Random errors within a period: the larger of what the records claim and what the repeats show.
/// Repeats that nobody measured (context.synthetic) count as one systematic error, and the event
/// says so.
[[nodiscard]] std::vector<record::Event> compare_periods(const std::vector<record::Result>& results,
                                                         const record::Policy& policy);

/// The mode that an event asks for, with its reason.
[[nodiscard]] record::Command command_for(const record::Event& event, const record::Policy& policy,
                                          std::int64_t sequence);

}  // namespace twin::steer
