// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/value.h"
#include "stream/fields.h"

/// What the readers of recipes, models and policies share.
namespace twin::stream {

/// The document in the file \p path.  \throws Error{no_input}, Error{configuration}
record::Value load_document(const std::string& path);

/// Refuses control characters anywhere, and a format other than \p format ("twin-recipe/1").
void check_document(Fields& fields, std::string_view format);

/// One of \p choices.
std::string choice(Fields& fields, std::string_view key, const std::string& otherwise,
                   const std::vector<std::string>& choices);

/// Two values in order, [lower, upper].  \throws Error  not two, or lower ≥ upper
std::pair<double, double> bounds(const Fields& fields, std::string_view key,
                                 const record::Value& value, std::string_view unit, bool bare);

/// Refuses a value that is not above 0.
double positive(const Fields& fields, std::string_view key, double value);

/// \p written found from where \p document lies: beside it when it is there, else as it is.
std::string beside(const std::string& document, const std::string& written);

}  // namespace twin::stream
