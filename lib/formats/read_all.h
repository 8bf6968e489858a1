// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

namespace twin::formats {

/// All that \p in holds.
/// \throws Error{data}  more than \p limit bytes; \p name says of what
[[nodiscard]] std::string read_all(std::istream& in, const std::string& name,
                                   std::size_t limit = std::size_t{256} << 20);

}  // namespace twin::formats
