// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

/// What readers take and writers keep to: nothing is written that could not be read again.
namespace twin::stream {

/// Bytes of a line of JSON. A quick scan of 100 000 points and some columns has to fit, since it
/// may go through pipes without a store.
inline constexpr std::size_t longest_line = std::size_t{16} << 20;

/// Bytes of a YAML document: what people write, and records that they want to look at.
inline constexpr std::size_t longest_document = std::size_t{1} << 20;

/// Arrays and objects inside of each other.
inline constexpr std::size_t deepest = 64;

}  // namespace twin::stream
