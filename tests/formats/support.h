// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "core/error.h"
#include "message_of.h"

namespace twin::formats {

/// Where the measured data lie, if they are there.
inline std::filesystem::path measured_data() {
  const char* set = std::getenv("TWIN_DATA");
  return set && *set ? std::filesystem::path(set)
                     : std::filesystem::path(TWINLINE_SOURCE) / "../shared/data";
}

}  // namespace twin::formats
