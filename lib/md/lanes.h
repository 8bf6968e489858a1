// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "md/replica.h"

namespace twin::md {

/// Takes a sample of replica \p replica.
using Sink = std::function<void(int replica, const Row& row, const DumpFrame& frame)>;

/// Runs one stage in all replicas at once; a thread each reads what its child writes, and hands it
/// over through a short queue. Samples reach \p sink in this thread in a fixed order, one of each
/// replica in turn, so that sums over them do not depend on who was faster.
///
/// \param tick      called about twice a second while nothing comes, and may throw to give up
/// \param warnings  gets a sentence for each replica that crashed and was begun again
/// \throws Error of the replicas, of sink and of tick; all children have been killed then
void run_stage(std::vector<Replica>& replicas, const Stage& stage, const Sink& sink,
               const std::function<void()>& tick, std::vector<std::string>& warnings);

}  // namespace twin::md
