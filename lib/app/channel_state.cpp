// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/channel_state.h"

#include <cmath>

#include "core/text.h"
#include "core/time.h"

namespace twin::app {

using Kind = sources::ChannelNews::Kind;
using sources::ChannelFound;
using sources::ChannelNews;
using sources::NoValue;

namespace {

constexpr double clocks_apart = 5;  // s, that an IOC's clock may be off without a word
constexpr std::int16_t invalid = 3;

std::string shape_trouble(const std::string& pv, const ChannelNews& news) {
  if (news.type == 3) return pv + " is one of several states; a number is expected";
  const std::string other = sources::other_shape(news);
  return other.empty() ? "" : pv + " " + other;
}

NoValue why_not(const ChannelNews& news, bool usable) {
  if (!usable) return NoValue::unusable;
  if (news.severity >= invalid) return NoValue::invalid;
  return std::isfinite(news.value) ? NoValue::none : NoValue::not_finite;
}

std::string alarm_text(std::int16_t severity, std::int16_t alarm) {
  return sources::name_of_severity(severity) + " " + sources::name_of_alarm(alarm);
}

}  // namespace

std::string ChannelState::take(const ChannelNews& news, double now) {
  if (news.kind == Kind::up) {
    connected_ = true;
    properties_ = false;
    held_.reset();
  }
  if (news.kind == Kind::up || news.kind == Kind::properties) check(news, now);
  if (news.kind != Kind::value) return "";
  // The first one may have been there for long.
  const bool live = held_.has_value();
  held_ = news;
  if (properties_) take_value(news, now);
  if (!live || late_ || news.stamp == 0 || std::abs(news.stamp - now) <= clocks_apart) return "";
  late_ = true;
  return pv() + ": its IOC's clock is " + significant(std::abs(news.stamp - now), 3) + " s " +
         (news.stamp < now ? "behind" : "ahead") + "; its values are placed by ours";
}

void ChannelState::check(const ChannelNews& news, double now) {
  const bool first = !properties_;
  if (news.kind == Kind::up) {
    shape_trouble_ = shape_trouble(pv(), news);
  } else {
    properties_ = true;
    const auto other = sources::other_unit(news.unit, channel_.unit, channel_.egu);
    unit_trouble_ = other.empty() ? "" : pv() + " " + other;
  }
  const std::string before =
      std::exchange(trouble_, shape_trouble_.empty() ? unit_trouble_ : shape_trouble_);
  // A value that was there counts, or does not, from now on.
  if (properties_ && held_ && (first || before != trouble_)) take_value(*held_, now);
}

void ChannelState::take_value(const ChannelNews& news, double now) {
  sources::ChannelSample sample{.from = now,
                                .value = news.value,
                                .why = why_not(news, trouble_.empty()),
                                .severity = news.severity,
                                .alarm = news.alarm,
                                .stamp = news.stamp};
  // What was said before anybody asked holds since then.
  if (!ever_ && news.stamp > 0 && news.stamp < now) sample.from = news.stamp;
  ever_ = true;
  history_.add(sample);
}

bool ChannelState::lost(double now) {
  if (!std::exchange(connected_, false)) return false;
  held_.reset();
  missed_ = true;
  history_.add({.from = now, .why = NoValue::disconnected});
  return true;
}

bool ChannelState::back() { return held_ && properties_ && std::exchange(missed_, false); }

bool ChannelState::missing() {
  missed_ = true;
  return !connected_;
}

bool ChannelState::settled() const { return !trouble_.empty() || (properties_ && held_); }

std::string ChannelState::reason(const ChannelFound& found) const {
  std::string out = pv() + ": ";
  switch (found.why) {
    case NoValue::disconnected:
      out += "it was not connected";
      break;
    case NoValue::invalid:
      out += "alarm " + alarm_text(found.severity, found.alarm);
      break;
    case NoValue::not_finite:
      out += "its value was not finite";
      break;
    case NoValue::unusable:
      out = trouble_.empty() ? out + "it was not in its unit" : trouble_;
      break;
    default:
      out += "nothing is known of it at the time of the scan";
  }
  if (found.missing_seconds > 0) out += ", for " + significant(found.missing_seconds, 3) + " s";
  return out;
}

void ChannelState::put_into(record::Quantities& environment, std::optional<double> from, double to,
                            double tolerance) const {
  const bool mean = channel_.mean && from && *from < to;
  const ChannelFound found =
      mean ? history_.over(*from, to, tolerance) : history_.at(to, tolerance);
  const auto there = environment.find(name_);
  if (!found.value && there != environment.end() && there->second.value) {
    auto& extra = there->second.extra;
    if (!extra.is_object()) extra = record::Value{record::Value::Object{}};
    extra.set("not_by_epics", reason(found));
    return;
  }
  record::Quantity out{found.value, {}, {}, channel_.unit, mean ? "epics-mean" : "epics", {}};
  out.extra = record::Value{record::Value::Object{}};
  out.extra.set("pv", pv());
  if (found.value) {
    const double sigma = std::hypot(channel_.sigma.value_or(0), found.spread);
    if (channel_.sigma || found.spread > 0) out.sigma = sigma;
    out.sigma_sys = channel_.sigma_sys;
    if (found.severity > 0) out.extra.set("alarm", alarm_text(found.severity, found.alarm));
    if (mean) out.extra.set("samples", static_cast<std::int64_t>(found.samples));
    if (mean && found.missing_seconds > 1e-3)
      out.extra.set("missing_seconds", found.missing_seconds);
  } else {
    out.extra.set("reason", reason(found));
  }
  if (found.stamp > 0) out.extra.set("stamp", utc_of(found.stamp));
  environment[name_] = std::move(out);
}

}  // namespace twin::app
