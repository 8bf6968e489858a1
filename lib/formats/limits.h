// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace twin::formats {

/// Numbers that are taken from one file: 512 MiB of them.
inline constexpr std::size_t most_numbers = std::size_t{1} << 26;

}  // namespace twin::formats
