// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/descriptor.h"

namespace twin::app {

/// This program alone writes \p file, as long as what is returned lives: a lock (flock(2)) of FILE
/// with ".lock" behind it, which stays.
/// \throws Error{try_again}  another program has it; Error{cannot_create} it can't be made
[[nodiscard]] Descriptor alone_with(const std::string& file);

}  // namespace twin::app
