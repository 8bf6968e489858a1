// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/error.h"
#include "record/recipe.h"

namespace twin::app {

/// A recipe that is read and makes sense to physics too: its edge, the formula of the sample, the
/// names of its parameters, expressions, each by itself and together, and files that are there.
/// \throws Error{configuration} `file:line: key: what is wrong`; Error{no_input}
[[nodiscard]] record::Recipe checked_recipe(const std::string& path);

/// "recipe.yaml:12: fit", where these keys lead in the recipe, as far as they lead: for errors that
/// come to light when it is followed. A number is that of an item of a list, from 0.
[[nodiscard]] std::string place_in(const record::Recipe& recipe,
                                   std::initializer_list<std::string_view> keys);

/// What \p work returns; an error of it says where in the recipe it comes from.
template <class Work>
decltype(auto) in_recipe(const record::Recipe& recipe, std::initializer_list<std::string_view> keys,
                         Work work) {
  try {
    return work();
  } catch (const Error& error) {
    throw error.at(place_in(recipe, keys));
  }
}

}  // namespace twin::app
