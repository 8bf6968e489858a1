// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>

#include "obey/gateway.h"
#include "record/bounds.h"
#include "record/records.h"

namespace twin::obey {

inline constexpr double midnight = 1795910400;  // 2026-11-29T00:00:00Z

/// Of seconds since then.
inline std::string utc(double seconds) {
  if (!(std::abs(seconds) < 1e10)) return "at no time";
  const double all = midnight + seconds;
  const auto whole = static_cast<std::time_t>(std::floor(all));
  std::tm tm{};
  gmtime_r(&whole, &tm);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &tm);
  std::array<char, 80> out{};
  std::snprintf(out.data(), out.size(), "%s.%03dZ", text.data(),
                static_cast<int>(std::floor(1000 * (all - std::floor(all)))));
  return out.data();
}

inline Now at(double seconds) { return {midnight + seconds, 1000 + seconds}; }

inline record::Bounds bounds() {
  record::Bounds out;
  out.modes = {{"quiet", {"exafs-full", 600, {}, 0.1}},
               {"watch", {"exafs-fast", 60, {}, 0.1}},
               {"track", {"xanes-quick", 20, 1800, 0.1}}};
  out.safe_mode = "quiet";
  out.least_every = 10;
  out.most_every = 3600;
  out.slew_factor = 1000;  // of no weight here
  out.slew_seconds = 1;
  out.dwell_seconds = 0;
  return out;
}

inline record::Command command(const std::string& mode, double issued, std::int64_t sequence = 1,
                               double ttl = 60) {
  static int made = 0;
  record::Command out;
  out.header.id = "id" + std::to_string(++made);
  out.header.by = "steer";
  out.header.time = utc(issued);
  out.sequence = sequence;
  out.mode = mode;
  out.ttl_seconds = ttl;
  out.reason = "it changes";
  return out;
}

}  // namespace twin::obey
