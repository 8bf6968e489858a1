// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "record/value.h"

/// What the writers of JSON and YAML share.
namespace twin::stream {

/// \p text in double quotes, escaped as JSON has it (which YAML reads too).
/// Bytes that are no UTF-8 appear as the text \xNN: a file name must not make a line unreadable.
void append_text(std::string& out, std::string_view text);

/// The shortest form that reads back.  \throws Error{internal} not finite
void append_number(std::string& out, double value);

/// null, true, a number or a quoted text.
void append_scalar(std::string& out, const record::Value& value);

}  // namespace twin::stream
