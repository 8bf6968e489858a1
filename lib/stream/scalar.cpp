// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/scalar.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/error.h"
#include "core/text.h"

namespace twin::stream {

using record::Value;

namespace {

constexpr std::string_view decimal = "0123456789";

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, text) != list.end();
}

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

bool all_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(decimal, at), text.size());
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = without_sign(text);
  std::size_t at = skip_digits(text, 0);
  std::size_t digits = at;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) return false;
  if (at == text.size()) return true;
  if (text[at] != 'e' && text[at] != 'E') return false;
  return all_of(without_sign(text.substr(at + 1)), decimal);
}

[[noreturn]] void out_of_range(std::string_view text) {
  throw Error(Cause::data, "the number " + printable(text.substr(0, 40)) +
                               " is out of range; write it as a text, in quotes");
}

Value integer(std::string_view text, std::string_view digits, int base) {
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, value, base).ec != std::errc()) out_of_range(text);
  return value;
}

}  // namespace

Value plain_scalar(std::string_view text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return {};
  if (one_of(text, {"true", "True", "TRUE"})) return true;
  if (one_of(text, {"false", "False", "FALSE"})) return false;
  if (all_of(without_sign(text), decimal))
    return integer(text, text.starts_with('+') ? text.substr(1) : text, 10);
  if (text.starts_with("0o") && all_of(text.substr(2), "01234567"))
    return integer(text, text.substr(2), 8);
  if (text.starts_with("0x") && all_of(text.substr(2), "0123456789abcdefABCDEF"))
    return integer(text, text.substr(2), 16);
  if (one_of(without_sign(text), {".inf", ".Inf", ".INF"}) ||
      one_of(text, {".nan", ".NaN", ".NAN"}))
    throw Error(Cause::data, "numbers must be finite; missing is null");
  if (!is_float(text)) return std::string(text);
  const auto value = parse_double(text);
  if (!value) out_of_range(text);
  return *value;
}

}  // namespace twin::stream
