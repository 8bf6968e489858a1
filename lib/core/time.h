// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace twin {

/// The time now in UTC, ISO 8601 with milliseconds: "2026-11-22T14:02:11.123Z".
/// SOURCE_DATE_EPOCH, when set, is used instead: for reproducible output.
[[nodiscard]] std::string utc_now();

/// The same of a time, s since 1970.
[[nodiscard]] std::string utc_of(double seconds);

/// What utc_now() writes, with or without a fraction, as seconds since 1970; nothing where it is no
/// such time.
[[nodiscard]] std::optional<double> parse_utc(std::string_view text);

/// The same with an offset in the place of Z, as +08:00, too; a time without a zone is none.
[[nodiscard]] std::optional<double> parse_instant(std::string_view text);

/// Seconds since 1970, same rule.
[[nodiscard]] double seconds_now();

/// A monotonic clock, s; only differences mean something.
[[nodiscard]] double monotonic_seconds();

/// CPU time that this process has used, all its threads, s.
[[nodiscard]] double process_cpu_seconds();

}  // namespace twin
