// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/wrap.h"

#include "core/text.h"

namespace twin::cli {

namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u; }

/// Words at blanks and newlines alike.
std::string spaced(std::string_view text) {
  std::string result(text);
  for (char& byte : result)
    if (byte == '\n') byte = ' ';
  return result;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += begins_character(byte) ? 1u : 0u;
  return count;
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string result, line;
  const std::string margin(indent, ' ');
  const std::string source = spaced(text);
  for (const auto word : words(source)) {
    if (!line.empty() && indent + columns_of(line) + 1 + columns_of(word) > width) {
      result += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  return result + margin + line + "\n";
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (begins_character(text[i]) && ++count > columns) return text.substr(0, i);
  return text;
}

}  // namespace twin::cli
