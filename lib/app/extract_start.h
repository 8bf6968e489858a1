// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/extract.h"
#include "app/run.h"
#include "record/recipe.h"

namespace twin::app {

/// Reads the recipe of \p settings, once: a recipe may come through a pipe. What the start record
/// and tables shall have of it.
/// \throws Error{usage} no recipe is named; Error{configuration}, Error{no_input} as read_recipe
[[nodiscard]] StartInfo start_extract(ExtractSettings& settings);

/// The files that \p recipe names: hashed into the start record beside it.
[[nodiscard]] std::vector<std::string> files_of(const record::Recipe& recipe);

/// The columns of a table of what \p recipe asks for: time, scan, E0 and edge step, what its fits
/// find, path by path, its bands, and what it reads off the edge. A scan that lacks some (too short
/// for a fit) leaves them empty, whenever it comes.
[[nodiscard]] std::vector<std::string> columns_of(const record::Recipe& recipe);

}  // namespace twin::app
