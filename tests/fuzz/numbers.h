// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>

namespace fuzz {

/// A number of a byte: small ones, and those that are missing, infinite, huge or next to nothing.
inline double number(std::uint8_t byte) {
  switch (byte) {
    case 255:
      return std::numeric_limits<double>::quiet_NaN();
    case 254:
      return std::numeric_limits<double>::infinity();
    case 253:
      return 1e300;
    case 252:
      return 1e-300;
    default:
      return (byte - 128) / 16.0;
  }
}

}  // namespace fuzz
