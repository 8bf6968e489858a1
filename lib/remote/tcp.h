// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/descriptor.h"
#include "process/child.h"

namespace twin::remote {

/// A TCP connection to a host: its addresses in the system's order, each tried until one answers,
/// all within the time. Never blocks afterwards; small packets are not held back.
/// \throws Error{unavailable}  no such host, nothing listens, no way there, no answer in time
[[nodiscard]] Descriptor connect_tcp(const std::string& host, int port, process::Seconds limit);

}  // namespace twin::remote
