// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/records.h"

namespace twin::stream {

/// A document of twin-stream(5) as the record that it is. Unknown fields go to `extra`; an unknown
/// kind or major version, a missing or wrong field, is an error that names the field.
/// \throws Error{data}
[[nodiscard]] record::Record decode(const record::Value& document);

/// The document of a record, `schema` and `kind` first. Defaults (empty texts, empty lists) are
/// left out.
[[nodiscard]] record::Value encode(const record::Record& record);

/// 32 hex digits of the SHA-256 of the canonical JSON without id, by, time, request, lag, wall and
/// cpu time. The same content has the same id on any machine.
[[nodiscard]] std::string content_id(const record::Value& document);

}  // namespace twin::stream
