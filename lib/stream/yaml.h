// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "record/value.h"

namespace twin::stream {

/// One YAML document; each value remembers its line. Plain scalars follow the YAML 1.2 core schema
/// (yes, no, on and off are texts). Caps: depth 64, 1 MiB, 1000 aliases, keys of 128 bytes.
/// \throws Error{data}  `name:line: ...`
[[nodiscard]] record::Value parse_yaml(std::string_view text, const std::string& name,
                                       int line = 1);

/// Block style at the top, flow style inside where it fits; texts quoted where a reader could take
/// them for something else.
[[nodiscard]] std::string dump_yaml(const record::Value& value);

}  // namespace twin::stream
