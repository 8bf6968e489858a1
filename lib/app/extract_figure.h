// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

/// Draws what was extracted: normalised absorption, k-weighted χ(k) and |χ(R)| of the last results,
/// with the fit of the last one, and the first free quantities along the series; then what the
/// series as a whole came to: spectra and scores of its components, resolved spectra and
/// concentrations along it.
/// \param results  with all their curves; none draws nothing
/// \param series   with all its curves, where the recipe asked for it
/// \param all      how many there were, the last of which \p results are: titles say so
void draw_extract(const std::vector<record::Result>& results, std::size_t all,
                  const std::optional<record::Result>& series, const record::Recipe& recipe,
                  const std::string& path);

/// Curves that a panel can show and still be read.
inline constexpr std::size_t most_curves = 8;

}  // namespace twin::app
