// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/run.h"

namespace twin::app {

/// Prints, for people, what a record of one of these runs was made from: the records before it,
/// back to files, each with who wrote it (command, version, seed, inputs), and the devices that
/// were installed when a scan was measured. Every content is looked at again: records against their
/// ids, files against their SHA-256. \return  whether all is there and unchanged \throws
/// Error{no_input}  the run has no such record, or more than one whose id begins so
bool trace(const std::vector<std::string>& runs, const std::string& id);

}  // namespace twin::app
