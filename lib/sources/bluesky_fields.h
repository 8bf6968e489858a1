// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace twin::sources {

/// Data keys come in the order in which they were measured.
using Json = nlohmann::ordered_json;

/// A text, or a whole number as one; "" where it is neither.
[[nodiscard]] std::string text(const Json& document, const char* key);

/// \throws Error{data}  it is missing
[[nodiscard]] const Json& member(const Json& document, const char* key);

/// The name of a run's sample, which is a text or a mapping with one.
[[nodiscard]] std::string sample_of(const Json& start);

/// The data keys that a run's hints name as its dimensions.
[[nodiscard]] std::vector<std::string> dimensions_of(const Json& start);

/// Whether a data key is of single numbers that are in the events.
[[nodiscard]] bool is_number(const Json& key);

/// \throws Error{data}  it is none, or not finite
[[nodiscard]] double number_of(const Json& value, const std::string& key);

}  // namespace twin::sources
