// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twin::formats {

/// An array of floating-point numbers as NumPy stores it.
struct NpyArray {
  std::vector<std::size_t> shape;  ///< empty: one number
  std::vector<double> values;      ///< row-major
};

/// The bytes of a .npy file of versions 1 to 3: little-endian doubles or floats, in C's order.
/// \throws Error{data}  `name: ...`: another file, another kind of numbers, cut short, a number
///                      that is not finite
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
[[nodiscard]] NpyArray parse_npy(std::string_view bytes, const std::string& name);

/// The same array as such a file, version 1, of doubles.
/// \throws Error{internal}  the shape is not that of the values
[[nodiscard]] std::string npy_bytes(const NpyArray& array);

}  // namespace twin::formats
