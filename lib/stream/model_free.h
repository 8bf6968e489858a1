// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "record/model.h"
#include "stream/fields.h"

namespace twin::stream {

/// What may vary in \p model, of which structure and ensemble are known.
[[nodiscard]] std::vector<record::FreeParameter> decode_all_free(const Fields& free,
                                                                 const record::Model& model);

}  // namespace twin::stream
