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
constexpr int most_news = 1000;  // at a time

std::string value_in_unit(double value, const std::string& unit) {
  return shortest(value) + (unit.empty() ? "" : " " + unit);
}

}  // namespace

PvActuator::PvActuator(const record::Actuator& actuator, std::string safe_mode, std::string program)
    : actuator_(actuator), safe_mode_(std::move(safe_mode)), program_(std::move(program)) {}

void PvActuator::begin() {
  constexpr double patience = 20;  // s
  restart(patience);
  const ChannelNews properties = ask(monotonic_seconds() + actuator_.pv_seconds);
  for (const auto& [mode, value] : actuator_.pv_values) check(properties, mode);
}

/// Another child, which looks for the same, and leaves the same behind.
void PvActuator::restart(double patience) {
  started_ = monotonic_seconds();
  went();
  answer_.reset();
  shape_.clear();
  epics_.reset();
  epics_ = std::make_unique<sources::Epics>(program_, patience);
  epics_->watch(put_channel, actuator_.pv);
  epics_->watch(read_channel, actuator_.read_back_pv);
  if (leaves_) epics_->leave_behind(put_channel, actuator_.pv_values.at(safe_mode_));
}

/// Nothing is heard of it any more.
void PvActuator::went() {
  put_connected_ = heard_ = false;
  reads_.reset();
  unsure_ = !told_.empty();
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
  const double end = monotonic_seconds() + actuator_.pv_seconds;
  if (epics_) hear(0);
  if (!epics_ || epics_->gone()) restart(actuator_.pv_seconds);
  // It is looked for all the time: no wait would help.
  if (!put_connected_ && monotonic_seconds() > started_ + actuator_.pv_seconds)
    throw Error(Cause::unavailable, actuator_.pv + ": it is not connected");
  check(ask(end), mode);
  see(mode, end);
  leaves_ = true;
  told_.insert(mode);
  newest_ = mode;
  epics_->leave_behind(put_channel, actuator_.pv_values.at(safe_mode_));
  const auto request = epics_->put(put_channel, actuator_.pv_values.at(mode));
  const ChannelNews done = wait_for(request, end);
  if (!done.text.empty())
    throw Error(Cause::unavailable, actuator_.pv + ": " + mode + " was refused: " + done.text);
}

/// After it was away: which mode it is in now.
void PvActuator::see(const std::string& mode, double end) {
  while (unsure_ && !heard_) {
    const double left = end - monotonic_seconds();
    if (left <= 0 || epics_->gone())
      throw Error(Cause::unavailable,
                  actuator_.read_back_pv + ": it was away, and is not read back");
    hear(left);
  }
  if (!std::exchange(unsure_, false)) return;
  // An alarm says that it is in none: the safe mode is one.
  if (!reads_ && mode == safe_mode_) return;
  const std::string is = reads_ ? reading() : "no mode";
  if (is == mode || told_.contains(is)) return;
  unsure_ = true;
  if (reads_) by_hand_ = is;
  throw Error(Cause::unavailable,
              actuator_.read_back_pv + ": it was away, and is in " + is + " now");
}

void PvActuator::forget() {
  leaves_ = unsure_ = false;
  told_.clear();
  try {
    if (epics_) epics_->leave_nothing_behind();
  } catch (const Error&) {  // it has gone, and leaves nothing
  }
}

std::optional<std::string> PvActuator::mode() {
  constexpr double pause = 2, patience = 5;  // s, between two children, and with one
  if (epics_) hear(0);
  try {
    if ((!epics_ || epics_->gone()) && monotonic_seconds() > started_ + pause) restart(patience);
  } catch (const Error&) {  // said when it has to be told something, or was silent for long
  }
  return reads_ ? std::optional(reading()) : std::nullopt;
}

std::string PvActuator::reading() const {
  for (const auto& [mode, value] : actuator_.pv_values)
    if (std::abs(*reads_ - value) <= actuator_.pv_tolerance) return mode;
  return value_in_unit(*reads_, actuator_.pv_unit);
}

/// The news that are there, for the first of them up to so long: not all of an IOC that floods.
void PvActuator::hear(double seconds) {
  int heard = 0;
  for (auto news = epics_->next(seconds); news; news = epics_->next(0)) {
    take(*news);
    if (++heard == most_news) return;
  }
  if (epics_->gone()) went();
}

void PvActuator::take(const ChannelNews& news) {
  const bool of_put = news.channel == put_channel;
  if (news.kind == NewsKind::up && of_put) {
    put_connected_ = true;
    const std::string other = sources::other_shape(news);
    shape_ = other.empty() ? "" : actuator_.pv + " " + other;
  }
  if (news.kind == NewsKind::down) {
    if (of_put) put_connected_ = false;
    if (!of_put) heard_ = false, reads_.reset();
    unsure_ = !told_.empty();
  }
  if (news.kind == NewsKind::value && !of_put) {
    const bool valid = news.severity < 3 && std::isfinite(news.value);
    reads_ = valid ? std::optional(news.value) : std::nullopt;
    heard_ = true;
    if (!unsure_ && reads_ && told_.contains(newest_) && reading() == newest_) told_ = {newest_};
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
