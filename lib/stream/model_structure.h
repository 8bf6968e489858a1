// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/model.h"
#include "stream/fields.h"

namespace twin::stream {

/// The structure of a model: a lattice of one element, a cell with its sites, or the name of a CIF,
/// which app reads, found from where \p document lies.
[[nodiscard]] record::Structure decode_structure(Fields fields, const std::string& document);

}  // namespace twin::stream
