// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "record/records.h"
#include "stream/fields.h"

namespace twin::stream {

/// What a state was read from, from and to the wire.
/// \throws Error{data}  the member `trajectories` is no such list
std::vector<record::TrajectoryPart> decode_trajectories(Fields& fields);
record::Value encode_trajectories(const std::vector<record::TrajectoryPart>& parts);

}  // namespace twin::stream
