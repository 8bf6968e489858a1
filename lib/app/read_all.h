// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/run.h"
#include "stream/reader.h"

namespace twin::app {

/// Hands every record of \p reader to \p visit. A document that can't be read becomes a failure
/// record and the stream goes on; a stream that was cut, or whose end says trouble, leaves status 2
/// or more. Stops on SIGINT and SIGTERM.
void for_each_record(Session& session, stream::Reader& reader,
                     const std::function<void(stream::Item)>& visit);

/// The same for whoever tells of errors by ways of its own: unreadable documents go to \p refused.
/// \return  what is wrong with the stream as a whole; nothing where it is whole
std::optional<std::string> for_each_record(stream::Reader& reader,
                                           const std::function<void(stream::Item)>& visit,
                                           const std::function<void(const Error&)>& refused);

}  // namespace twin::app
