// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

/// Draws what was extracted: normalised absorption, k-weighted χ(k) and |χ(R)| of the last results,
/// with the fit of the last one, and the first free quantities along the series.
/// \param results  with all their curves; none draws nothing
void draw_extract(const std::vector<record::Result>& results, const record::Recipe& recipe,
                  const std::string& path);

}  // namespace twin::app
