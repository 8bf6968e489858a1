// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <string>

#include "core/text.h"
#include "record/quantity.h"

namespace twin::match {

/// \p value with \p digits after the point, whatever the locale.
[[nodiscard]] inline std::string fixed(double value, int digits) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  return end.ec == std::errc{} ? std::string(text, end.ptr) : std::string("?");
}

/// "3.609(4) Å", "300 K" without an uncertainty, "?" without a value.
[[nodiscard]] inline std::string quantity_text(const record::Quantity& q) {
  if (!q.value) return "?";
  const std::string number = q.sigma ? with_uncertainty(*q.value, *q.sigma) : shortest(*q.value);
  return q.unit.empty() ? number : number + " " + printable(q.unit);
}

/// A deviate with its sign: "+1.1", "-0.4".
[[nodiscard]] inline std::string deviate(double z) {
  const std::string text = fixed(z, 1);
  return text.front() == '-' ? text : "+" + text;
}

}  // namespace twin::match
