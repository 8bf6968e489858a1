// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>

#include "places.h"

namespace twin {

/// Where the measured data lie, if they are there: $TWIN_DATA, else shared/data beside the tree.
inline std::filesystem::path measured_data() {
  const char* set = std::getenv("TWIN_DATA");
  return set && *set ? std::filesystem::path(set)
                     : std::filesystem::path(source_dir()) / "../shared/data";
}

}  // namespace twin
