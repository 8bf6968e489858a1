// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/model.h"

namespace twin::app {

/// A model from its file, whole: crystals of a CIF or data file are read into it, complexes are
/// built, so that what goes on from here needs no file.
/// \throws Error{configuration} the model, a complex; the errors of formats::read_cif and
///                              read_lammps_data
[[nodiscard]] record::Model load_model(const std::string& path);

}  // namespace twin::app
