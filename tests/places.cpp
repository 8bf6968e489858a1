// SPDX-License-Identifier: GPL-3.0-or-later
#include "places.h"

#include <cstdlib>

namespace twin {

std::string source_dir() { return TWINLINE_SOURCE; }

std::string test_data_dir() { return source_dir() + "/tests/data"; }

std::string tools_dir() { return TWINLINE_BIN; }

void use_own_share() { ::setenv("TWINLINE_SHARE", (source_dir() + "/share").c_str(), 1); }

}  // namespace twin
