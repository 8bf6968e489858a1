// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace twin::cli {

/// Columns that \p text takes on a terminal: its code points (no wide or combining characters are
/// expected in help).
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// \p text refilled to \p width columns, every line indented by \p indent; ends with a newline.
/// A word that is longer than a line stands alone.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

/// The first \p columns columns of \p text, never half a character.
[[nodiscard]] std::string_view first_columns(std::string_view text, std::size_t columns);

}  // namespace twin::cli
