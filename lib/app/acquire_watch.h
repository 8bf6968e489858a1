// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/acquire.h"
#include "app/acquire_sink.h"

namespace twin::app {

/// Follows folders until a signal comes, or nothing has come for as long as was said. Each file is
/// a measurement as soon as it is whole; of a SPEC file that grows, each scan that is over. A file
/// that was written anew, or went on after it seemed whole, is another revision of its scan. What
/// can't be read is looked at once more when it has been still, then it is a failure record.
/// \throws Error  of sources::Watch and of the sink
void acquire_watched(const AcquireSettings& settings, AcquireSink& sink);

}  // namespace twin::app
