// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/fields.h"

/// How documents name process variables of EPICS.
namespace twin::stream {

/// \throws Error  it is missing, or no such name
std::string variable_name(Fields& fields, std::string_view key);

/// `unit`, needed, by its name in twin-units(7); "" for a pure number.
std::string unit_of_variable(Fields& fields);

/// `egu`: how the record spells it.
std::optional<std::string> spelling_of_unit(Fields& fields);

}  // namespace twin::stream
