// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers from and to text, the locale never asked.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/text.h"

namespace twin {

namespace {

/// std::from_chars on the whole of \p text; an underflow is 0, an overflow is no number.
std::optional<double> whole_double(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const auto exponent = text.find_first_of("eE");
    const bool tiny =
        exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
    return tiny ? std::optional(0.0) : std::nullopt;
  }
  return value;
}

std::string fixed(double value, int decimals) {
  std::array<char, 400> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::fixed, decimals);
  return error == std::errc() ? std::string(buffer.data(), end) : shortest(value);
}

/// "value(digits)" with the last printed digit at 10^last.
std::string bracketed(double value, double digits, int last) {
  const double unit = std::pow(10.0, last);
  if (last <= 0) return fixed(value, -last) + "(" + fixed(digits, 0) + ")";
  return fixed(std::round(value / unit) * unit, 0) + "(" + fixed(digits * unit, 0) + ")";
}

int decade(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)))); }

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return std::nullopt;
  }
  if (text.empty()) return std::nullopt;
  const std::size_t exponent = text.find_first_of("dD");  // Fortran's double precision
  const bool fortran = exponent != std::string_view::npos && exponent > 0 && text.size() < 64 &&
                       text.find_first_of("0123456789") < exponent;
  if (!fortran) return whole_double(text);
  std::string copy(text);
  copy[exponent] = 'e';
  return whole_double(copy);
}

std::optional<long long> parse_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  long long value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error != std::errc()) return std::nullopt;
  return value;
}

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return shortest(value);
  digits = std::clamp(digits, 1, 17);
  std::array<char, 64> buffer{};
  char* const end_of_buffer = buffer.data() + buffer.size();
  const auto scientific =
      std::to_chars(buffer.data(), end_of_buffer, value, std::chars_format::scientific, digits - 1);
  const std::string text(buffer.data(), scientific.ptr);
  const int exponent = static_cast<int>(parse_integer(text.substr(text.find('e') + 1)).value_or(0));
  if (exponent < -5 || exponent >= std::max(digits, 6)) return text;
  return fixed(value, std::max(0, digits - 1 - exponent));
}

std::string with_uncertainty(double value, double sigma) {
  if (!std::isfinite(value)) return shortest(value);
  if (!std::isfinite(sigma) || sigma <= 0) {
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   std::chars_format::general, 6)
                         .ptr;
    return {buffer.data(), end};
  }
  const int first = decade(sigma);
  double digits = std::round(sigma / std::pow(10.0, first - 1));
  int last = first - 1;
  if (digits >= 30) {
    digits = std::round(sigma / std::pow(10.0, first));
    last = first;
  }
  if (last >= -9 && last <= 9) return bracketed(value, digits, last);
  const int power = std::max(value == 0 ? last : decade(value), last);
  const std::string mantissa = bracketed(value / std::pow(10.0, power), digits, last - power);
  return mantissa + "e" + (power < 0 ? "-" : "+") + (std::abs(power) < 10 ? "0" : "") +
         std::to_string(std::abs(power));
}

}  // namespace twin
