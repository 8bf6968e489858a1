// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace twin::atoms {

/// The atomic number of a chemical symbol: "Cu" → 29, up to Lr (103).
/// \throws Error{configuration} no such element
[[nodiscard]] int atomic_number(const std::string& symbol);

/// The chemical symbol of an atomic number: 29 → "Cu".
/// \throws Error{configuration} not from 1 to 103
[[nodiscard]] std::string symbol_of(int z);

/// An absorption edge, as records and recipes name it.
struct Edge {
  std::string element;  ///< "Cu"
  std::string level;    ///< "K", "L3"; which there are is for feff to say
};

/// "Cu K" → Cu and K.
/// \throws Error{configuration} anything but two words, the first an element
[[nodiscard]] Edge parse_edge(const std::string& text);

}  // namespace twin::atoms
