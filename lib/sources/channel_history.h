// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace twin::sources {

/// Why there is no value.
enum class NoValue { none, unknown, disconnected, invalid, not_finite, unusable };

/// What a channel was from an instant on, until the next one.
struct ChannelSample {
  double from = 0.0;   ///< s since 1970, by our clock
  double value = 0.0;  ///< where why is none
  NoValue why = NoValue::none;
  std::int16_t severity = 0, alarm = 0;
  double stamp = 0.0;  ///< s since 1970, by the IOC's clock; 0: nobody stamped it
};

/// What a channel was over a scan.
struct ChannelFound {
  std::optional<double> value;
  NoValue why = NoValue::none;  ///< where there is none
  double spread = 0.0;          ///< standard deviation within the scan, weighted by time
  std::size_t samples = 0;
  double missing_seconds = 0.0;          ///< of the scan, without a value
  std::int16_t severity = 0, alarm = 0;  ///< the worst of what went in; of a null, its own
  double stamp = 0.0;                    ///< of the newest sample
};

/// The values that a channel had, the newest 262144 of them (44 minutes at 100 a second). A value
/// holds until the next one comes: a monitor says each change, by the record's own dead band.
class ChannelHistory {
 public:
  /// \param sample  the newest: what was known of a later time is forgotten, for our clock was set
  ///                back, and that time is still to come
  void add(ChannelSample sample);

  [[nodiscard]] bool empty() const { return samples_.empty(); }
  [[nodiscard]] const ChannelSample& newest() const { return samples_.back(); }

  /// What held at an instant; of an instant before anything was known, the first that is known
  /// where that came within \p tolerance.
  /// \param at, tolerance  s since 1970, s
  [[nodiscard]] ChannelFound at(double at, double tolerance) const;

  /// Mean over from..to, each value weighted by the time that it held: ∫x dt / ∫dt over what has
  /// one. Nothing where more than half of that time has none; where nothing at all is known of it,
  /// at(to). Cost: linear in what came meanwhile.
  [[nodiscard]] ChannelFound over(double from, double to, double tolerance) const;

 private:
  std::deque<ChannelSample> samples_;
};

}  // namespace twin::sources
