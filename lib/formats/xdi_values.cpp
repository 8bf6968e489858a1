// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/xdi_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::formats {

namespace {

bool is_number(std::string_view word) {
  const auto value = parse_double(word);
  return value && std::isfinite(*value);
}

bool is_number_in(std::string_view text, std::initializer_list<const char*> units) {
  const auto parts = words(text);
  return parts.size() == 2 && is_number(parts[0]) &&
         std::ranges::any_of(units, [&](const char* unit) { return lower(parts[1]) == unit; });
}

bool is_temperature(std::string_view text) {
  try {
    return parse_in(text, "K") >= 0;
  } catch (const Error&) {
    return false;
  }
}

/// Takes \p count digits off \p text; -1 where there are not so many.
int digits(std::string_view& text, std::size_t count) {
  const auto number = text.substr(0, count);
  if (number.size() < count || number.find_first_not_of("0123456789") != number.npos) return -1;
  text.remove_prefix(count);
  return static_cast<int>(parse_integer(number).value_or(-1));
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "2007-04-05T14:30", "2007-04-05 14:30:12.5+08:00".
bool is_time(std::string_view text) {
  if (digits(text, 4) < 0 || !take(text, "-")) return false;
  const int month = digits(text, 2);
  if (month < 1 || month > 12 || !take(text, "-")) return false;
  const int day = digits(text, 2);
  if (day < 1 || day > 31 || !take(text, "Tt ")) return false;
  const int hour = digits(text, 2);
  if (hour < 0 || hour > 24 || !take(text, ":")) return false;
  const int minute = digits(text, 2);
  if (minute < 0 || minute > 59) return false;
  if (take(text, ":")) {
    const int second = digits(text, 2);
    if (second < 0 || second > 60) return false;
    if (take(text, ".,"))
      while (digits(text, 1) >= 0) {
      }
  }
  text = trim(text);
  return text.empty() || text == "Z" || text == "z" || text.front() == '+' || text.front() == '-';
}

}  // namespace

std::string fault_of_field(std::string_view name, std::string_view value) {
  const auto first = [&] {
    const auto parts = words(value);
    return parts.empty() ? std::string_view() : parts.front();
  };
  if (name == "facility.energy" && !is_number_in(value, {"gev", "mev"}))
    return "a number and GeV or MeV are expected";
  if (name == "facility.current" && !is_number_in(value, {"ma", "a"}))
    return "a number and mA or A are expected";
  if (name == "sample.temperature" && !is_temperature(value))
    return "a number and K or °C are expected";
  if (name == "scan.edge_energy" && !is_number(first())) return "a number of eV is expected";
  if (name == "mono.d_spacing" && !(parse_double(first()).value_or(0) > 0))
    return "a number of Å, more than 0, is expected";
  if ((name == "scan.start_time" || name == "scan.end_time") && !is_time(value))
    return "a time as 2007-04-05T14:30:00 is expected";
  return "";
}

}  // namespace twin::formats
