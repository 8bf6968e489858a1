// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <string>

namespace twin::match {

/// \p value with \p digits after the point, whatever the locale.
[[nodiscard]] inline std::string fixed(double value, int digits) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  return end.ec == std::errc{} ? std::string(text, end.ptr) : std::string("?");
}

/// A deviate with its sign: "+1.1", "-0.4".
[[nodiscard]] inline std::string deviate(double z) {
  const std::string text = fixed(z, 1);
  return text.front() == '-' ? text : "+" + text;
}

}  // namespace twin::match
