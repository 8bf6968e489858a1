// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "record/value.h"

namespace twin::stream {

/// What a plain (unquoted) scalar means in the core schema of YAML 1.2, section 10.3.2: null, true,
/// a whole number (decimal, 0o, 0x), a number, else a text. yes, no, on, off are texts.
/// \throws Error{data}  .inf or .nan, or a number out of range
[[nodiscard]] record::Value plain_scalar(std::string_view text);

}  // namespace twin::stream
