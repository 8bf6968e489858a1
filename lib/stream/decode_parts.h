// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text.h"
#include "stream/fields.h"

namespace twin::stream {

/// The choice that is called \p word, which \p key says.  \throws Error  none is
template <class Choice, std::size_t N>
Choice choose(Fields& fields, std::string_view key, const std::string& word,
              const std::array<std::pair<std::string_view, Choice>, N>& choices) {
  std::vector<std::string> known;
  for (const auto& [name, choice] : choices) {
    if (name == word) return choice;
    known.emplace_back(name);
  }
  fields.fail(key, "\"" + printable(word) + "\"; expected " + join(known, ", "));
}

/// Calls \p take with the fields of each mapping in the list at \p key.
template <class Take>
void each(Fields& fields, std::string_view key, Take take) {
  const record::Value* list = fields.find(key);
  if (list == nullptr) return;
  if (!list->is_array())
    fields.fail(key, "expected a list, got " + std::string(list->kind_name()), list);
  for (const record::Value& item : list->array()) take(fields.inside(key, item));
}

}  // namespace twin::stream
