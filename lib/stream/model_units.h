// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace twin::stream {

/// The unit that a free parameter of a model is kept in: "Å" for a, "K" for temperature.
std::string unit_of_parameter(const std::string& name);

/// The unit that quantities of this kind ("r:Cu-Cu.1": r) are kept in; nothing when any will do.
std::optional<std::string> unit_of_quantity(const std::string& name);

}  // namespace twin::stream
