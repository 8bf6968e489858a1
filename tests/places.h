// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

/// Where things lie, for tests, benchmarks and shows. Functions of one small file, for a path in
/// every file's command line would keep a compiler cache from serving two checkouts.
namespace twin {

/// The root of the source tree.
std::string source_dir();

/// tests/data.
std::string test_data_dir();

/// The folder of the five tools that were built.
std::string tools_dir();

/// Sets $TWINLINE_SHARE to the source tree's own share/.
void use_own_share();

}  // namespace twin
