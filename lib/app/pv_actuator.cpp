// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pv_actuator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"

namespace twin::app {

using NewsKind = sources::ChannelNews::Kind;
using sources::ChannelNews;

namespace {

constexpr std::uint32_t put_channel = 0, read_channel = 1;

std::string value_in_unit(double value, const std::string& unit) {
  return shortest(value) + (unit.empty() ? "" : " " + unit);
}

}  // namespace

PvActuator::PvActuator(const record::Actuator& actuator, std::string safe_mode)
    : actuator_(actuator), safe_mode_(std::move(safe_mode)) {}

void PvActuator::begin() {
  put_connected_ = false;
  reads_.reset();
  answer_.reset();
  epics_ = std::make_unique<sources::Epics>();
  epics_->watch(put_channel, actuator_.pv);
  epics_->watch(read_channel, actuator_.read_back_pv);
  if (leaves_) epics_->leave_behind(put_channel, actuator_.pv_values.at(safe_mode_));
  const double end = monotonic_seconds() + actuator_.pv_seconds;
  const ChannelNews properties = ask(end);
  for (const auto& [mode, value] : actuator_.pv_values) check(properties, mode);
}

/// The record's properties now.
ChannelNews PvActuator::ask(double end) {
  while (!put_connected_ && shape_.empty() && !epics_->gone() && monotonic_seconds() < end)
    hear(end - monotonic_seconds());
  if (!shape_.empty()) throw Error(Cause::configuration, shape_);
  if (!put_connected_)
    throw Error(Cause::unavailable, actuator_.pv + ": no IOC has it, or none answered within " +
                                        shortest(actuator_.pv_seconds) + " s");
  const auto request = epics_->ask(put_channel);
  ChannelNews out = wait_for(request, end);
  if (out.kind == NewsKind::properties) return out;
  throw Error(Cause::unavailable, actuator_.pv + ": it does not say its limits: " + out.text);
}

void PvActuator::check(const ChannelNews& properties, const std::string& mode) const {
  const std::string other =
      sources::other_unit(properties.unit, actuator_.pv_unit, actuator_.pv_egu);
  if (!other.empty()) throw Error(Cause::configuration, actuator_.pv + " " + other);
  const double value = actuator_.pv_values.at(mode), lower = properties.lower,
               upper = properties.upper;
  if (!(std::isfinite(lower) && std::isfinite(upper)))
    throw Error(Cause::configuration, actuator_.pv + ": its limits are no numbers");
  if (lower < upper && !(value >= lower && value <= upper))
    throw Error(Cause::configuration,
                actuator_.pv + ": " + mode + " is " + value_in_unit(value, actuator_.pv_unit) +
                    "; the record's own limits are " + shortest(lower) + " to " + shortest(upper));
  if (!properties.writable)
    throw Error(Cause::permission, actuator_.pv + ": its IOC does not allow it to be put");
}

void PvActuator::tell(const std::string& mode) {
  if (!epics_ || epics_->gone()) begin();
  const double end = monotonic_seconds() + actuator_.pv_seconds;
  hear(0);
  // It is looked for all the time: no wait would help.
  if (!put_connected_) throw Error(Cause::unavailable, actuator_.pv + ": it is not connected");
  check(ask(end), mode);
  leaves_ = true;
  epics_->leave_behind(put_channel, actuator_.pv_values.at(safe_mode_));
  const auto request = epics_->put(put_channel, actuator_.pv_values.at(mode));
  const ChannelNews done = wait_for(request, end);
  if (!done.text.empty())
    throw Error(Cause::unavailable, actuator_.pv + ": " + mode + " was refused: " + done.text);
}

void PvActuator::forget() {
  leaves_ = false;
  try {
    if (epics_) epics_->leave_nothing_behind();
  } catch (const Error&) {  // it has gone, and leaves nothing
  }
}

std::optional<std::string> PvActuator::mode() {
  if (!epics_) return std::nullopt;
  hear(0);
  try {
    if (epics_->gone()) begin();  // another child, which is heard, and leaves the same behind
  } catch (const Error&) {        // said when it has to be told something
  }
  if (!reads_) return std::nullopt;
  for (const auto& [mode, value] : actuator_.pv_values)
    if (std::abs(*reads_ - value) <= actuator_.pv_tolerance) return mode;
  return value_in_unit(*reads_, actuator_.pv_unit);
}

/// All news that are there, for the first of them up to so long.
void PvActuator::hear(double seconds) {
  for (auto news = epics_->next(seconds); news; news = epics_->next(0)) take(*news);
  if (epics_->gone()) {
    put_connected_ = false;
    reads_.reset();
  }
}

void PvActuator::take(const ChannelNews& news) {
  const bool of_put = news.channel == put_channel;
  if (news.kind == NewsKind::up && of_put) {
    put_connected_ = true;
    shape_ = news.type == 0       ? actuator_.pv + " is a text; a number is expected"
             : news.elements != 1 ? actuator_.pv + " has several elements; one is expected"
                                  : "";
  }
  if (news.kind == NewsKind::down && of_put) put_connected_ = false;
  if (news.kind == NewsKind::down && !of_put) reads_.reset();
  if (news.kind == NewsKind::value && !of_put) {
    const bool valid = news.severity < 3 && std::isfinite(news.value);
    reads_ = valid ? std::optional(news.value) : std::nullopt;
  }
  if (news.request != 0) answer_ = news;
}

ChannelNews PvActuator::wait_for(std::uint32_t request, double end) {
  while (!answer_ || answer_->request != request) {
    const double left = end - monotonic_seconds();
    if (left <= 0 || epics_->gone())
      throw Error(Cause::unavailable,
                  actuator_.pv + (left <= 0 ? ": its IOC gave no answer within " +
                                                  shortest(actuator_.pv_seconds) + " s"
                                            : ": the child that speaks to it has gone"));
    hear(left);
    if (!put_connected_) throw Error(Cause::unavailable, actuator_.pv + ": it is not connected");
  }
  return *std::exchange(answer_, std::nullopt);
}

}  // namespace twin::app
