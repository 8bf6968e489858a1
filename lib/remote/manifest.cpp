// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/manifest.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "core/text.h"

namespace twin::remote {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

[[noreturn]] void fail(std::size_t line, const std::string& what) {
  throw Error(Cause::data, "manifest.sha256:" + std::to_string(line) + ": " + what);
}

}  // namespace

bool is_safe_name(const std::string& name) {
  constexpr std::size_t longest = 100;
  constexpr std::string_view others = "._-+";
  return !name.empty() && name.size() <= longest && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, [&](char c) {
           return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
         });
}

std::vector<Listed> read_manifest(const std::string& text) {
  std::vector<Listed> out;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const auto words = split(line, ' ');
    if (words.size() != 3) fail(number, "expected SHA256 SIZE NAME");
    constexpr std::size_t digits = 64;
    const std::string_view sum = words[0];
    const bool hexadecimal = std::ranges::all_of(
        sum, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (sum.size() != digits || !hexadecimal) fail(number, "no SHA-256");
    const auto size = parse_integer(words[1]);
    if (!size || *size < 0) fail(number, "no size");
    const std::string name(words[2]);
    if (!is_safe_name(name)) fail(number, "'" + printable(name) + "' is no name of a file");
    if (std::ranges::find(out, name, &Listed::name) != out.end())
      fail(number, name + " stands twice");
    out.push_back({std::string(sum), static_cast<std::uint64_t>(*size), name});
  }
  if (out.empty()) throw Error(Cause::data, "manifest.sha256: empty");
  return out;
}

}  // namespace twin::remote
