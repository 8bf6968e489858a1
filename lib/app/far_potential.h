// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "record/model.h"

namespace twin::app {

/// What of the potential that a model runs with another machine has not, content by name: its
/// description, where that is in $TWIN_POTENTIALS, with the models of a deep one; its file, where
/// that is in $LAMMPS_POTENTIALS. Nothing of one that is unknown here: perhaps it is not there.
/// \throws Error{configuration}  a file can't be sent by its name, or all are above 64 MiB
[[nodiscard]] std::map<std::string, std::string> own_potential(const record::Model& model);

}  // namespace twin::app
