// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/model.h"

namespace twin::app {

/// A model from its file, whole: the crystal of a CIF is read into it, so that what goes on from
/// here needs no file. \throws Error{configuration} the model; the errors of formats::read_cif
[[nodiscard]] record::Model load_model(const std::string& path);

}  // namespace twin::app
