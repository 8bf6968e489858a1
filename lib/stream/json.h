// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "record/value.h"

namespace twin::stream {

/// One JSON document. Duplicate keys, NaN, trailing text, depth over 64 and invalid UTF-8 are
/// errors. \p line is the line that the document begins on.
/// \throws Error{data}  `name:line: ...`
[[nodiscard]] record::Value parse_json(std::string_view text, const std::string& name,
                                       int line = 1);

/// On one line, keys in their order, doubles as short as they read back, no NaN.
/// \throws Error{internal}  a value is not finite
[[nodiscard]] std::string dump_json(const record::Value& value);

/// The same with keys sorted: what ids are hashes of.
[[nodiscard]] std::string canonical_json(const record::Value& value);

}  // namespace twin::stream
