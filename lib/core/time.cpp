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

std::string utc_now() {
  const auto milliseconds = static_cast<long long>(std::floor(seconds_now() * 1e3));
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

double monotonic_seconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

double process_cpu_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

}  // namespace twin
