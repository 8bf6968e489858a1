// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

/// The syntax of CIF, by gemmi's parser. Apart from the rest because gemmi 0.5's documents do not
/// compile as C++20 with clang 14 (a vector of an incomplete type): cmake/rooms.cmake has the one
/// source behind this header compiled as C++17, so it includes nothing of ours.
namespace twin::formats {

/// A data block: the values of each tag (in lower case), one where the tag is in no loop. Values
/// have lost their quotes; "" stands for "?" and ".".
struct CifBlock {
  std::map<std::string, std::vector<std::string>> values;

  /// The first value of \p tag; "" when there is none.
  [[nodiscard]] std::string value(const std::string& tag) const;

  /// Value \p row of \p tag, "" when there is none.
  [[nodiscard]] std::string value(const std::string& tag, std::size_t row) const;

  /// How many \p tag has.
  [[nodiscard]] std::size_t count(const std::string& tag) const;
};

/// The data blocks of a text, in order.
/// \throws std::runtime_error (`name:line:column: ...` or without a place) the text is not CIF
[[nodiscard]] std::vector<CifBlock> cif_blocks(const std::string& text, const std::string& name);

}  // namespace twin::formats
