// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdint>
#include <string_view>

#include "core/text.h"
#include "plot/script.h"

namespace twin::plot {

namespace {

bool is_plain(char c) {
  constexpr std::string_view signs = " .,:;+-*/=()[]{}|<>%_^~#&!?";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         signs.find(c) != std::string_view::npos;
}

std::size_t length_of(unsigned char first) {
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

std::uint32_t code_of(std::string_view character) {
  std::uint32_t code = static_cast<unsigned char>(character[0]) & (0xFFu >> (character.size() + 1));
  for (const char c : character.substr(1))
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

/// Letters and signs beyond ASCII; no C1 controls, line separators, or marks that turn the text.
bool is_printable_beyond_ascii(std::uint32_t code) {
  return code >= 0xA0 && code != 0xFEFF && !(code >= 0x200B && code <= 0x200F) &&
         !(code >= 0x2028 && code <= 0x202E) && !(code >= 0x2060 && code <= 0x206F) &&
         !(code >= 0xFFF0 && code <= 0xFFFF);
}

}  // namespace

std::string quoted(const std::string& label) {
  const std::string text = is_utf8(label) ? label : printable(label);
  std::string out = "'";
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size() && characters < 120; ++characters) {
    const std::size_t length = length_of(static_cast<unsigned char>(text[i]));
    const auto character = std::string_view(text).substr(i, length);
    i += length;
    if (length > 1)
      out += is_printable_beyond_ascii(code_of(character)) ? std::string(character) : "?";
    else if (const char c = character[0]; is_plain(c))
      out += c;
    else
      out += c == '\'' || c == '"' || c == '\n' || c == '\r' || c == '\t' ? ' ' : '?';
  }
  return out + "'";
}

}  // namespace twin::plot
