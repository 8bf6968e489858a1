// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/time.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/text.h"

namespace twin {

double seconds_now() {
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"))
    if (const auto fixed = parse_integer(epoch)) return static_cast<double>(*fixed);
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

std::string utc_now() { return utc_of(seconds_now()); }

std::string utc_of(double since) {
  const auto milliseconds = static_cast<long long>(std::floor(since * 1e3));
  const long long part = ((milliseconds % 1000) + 1000) % 1000;
  const auto seconds = static_cast<std::time_t>((milliseconds - part) / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%s.%03lldZ", date.data(), part);
  return out.data();
}

std::optional<double> parse_utc(std::string_view text) {
  // YYYY-MM-DDTHH:MM:SS, then perhaps a fraction, then Z.
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= form.size() || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    return static_cast<int>(parse_integer(text.substr(at, size)).value_or(-1));
  };
  std::tm utc{};
  utc.tm_year = number(0, 4) - 1900;
  utc.tm_mon = number(5, 2) - 1;
  utc.tm_mday = number(8, 2);
  utc.tm_hour = number(11, 2);
  utc.tm_min = number(14, 2);
  utc.tm_sec = number(17, 2);
  const std::tm asked = utc;
  const auto seconds = static_cast<double>(timegm(&utc));
  // timegm() makes 31 April the first of May: such a day is none.
  if (utc.tm_mon != asked.tm_mon || utc.tm_mday != asked.tm_mday || utc.tm_hour != asked.tm_hour ||
      utc.tm_min != asked.tm_min || utc.tm_sec != asked.tm_sec)
    return std::nullopt;
  const std::string_view rest = text.substr(form.size(), text.size() - form.size() - 1);
  if (rest.empty()) return seconds;
  const auto fraction = rest.front() == '.' ? parse_double("0" + std::string(rest)) : std::nullopt;
  if (!fraction || rest.find_first_not_of(".0123456789") != rest.npos) return std::nullopt;
  return seconds + *fraction;
}

std::optional<double> parse_instant(std::string_view text) {
  constexpr std::string_view offset = "+hh:mm";
  if (text.empty() || text.back() == 'Z' || text.size() < offset.size()) return parse_utc(text);
  const auto zone = text.substr(text.size() - offset.size());
  const auto digit = [&](std::size_t i) { return zone[i] >= '0' && zone[i] <= '9'; };
  if ((zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !digit(1) || !digit(2) || !digit(4) ||
      !digit(5))
    return std::nullopt;
  const auto local = parse_utc(std::string(text.substr(0, text.size() - offset.size())) + "Z");
  if (!local) return std::nullopt;
  const double hours = parse_double(zone.substr(1, 2)).value_or(0);
  const double minutes = parse_double(zone.substr(4, 2)).value_or(0);
  const double east = 3600 * hours + 60 * minutes;
  return *local - (zone[0] == '-' ? -east : east);
}

double monotonic_seconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

double process_cpu_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

}  // namespace twin
