// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "app/run.h"
#include "stream/reader.h"

namespace twin::app {

/// Hands every record of \p reader to \p visit. A document that can't be read becomes a failure
/// record and the stream goes on; a stream that was cut, or whose end says trouble, leaves status 2
/// or more. Stops on SIGINT and SIGTERM.
void for_each_record(Session& session, stream::Reader& reader,
                     const std::function<void(stream::Item)>& visit);

}  // namespace twin::app
