// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace twin {

/// The name of the network file system that \p folder lies on ("NFS"), where other machines may
/// write without an event here; "" for a local one, and where that can't be said.
[[nodiscard]] std::string network_file_system(const std::string& folder);

/// The same of an open file.
[[nodiscard]] std::string network_file_system(int file);

}  // namespace twin
