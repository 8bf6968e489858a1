// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "record/value.h"

/// Which record a stored line is.
namespace twin::store {

/// A member that is a text; "" where it is none.
[[nodiscard]] std::string text_of(const record::Value& document, std::string_view key);

/// A measurement is its bytes under its name; any other record is its \p id.
[[nodiscard]] std::string identity_of(const record::Value& document, const std::string& id);

/// A scan of a file, whatever its bytes; "" where nothing says which file.
[[nodiscard]] std::string name_of(const std::string& run, const std::string& scan,
                                  const std::string& file);
[[nodiscard]] std::string name_of(const record::Value& document);

/// What a stored line says of which record it is: of a measurement all up to its arrays, which are
/// long; of another one, as of a state, which is long as well, the id.
/// \param where  for messages
[[nodiscard]] record::Value head_of(const std::string& line, const std::string& where);

}  // namespace twin::store
