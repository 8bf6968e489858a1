// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/beam.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"

namespace twin::app {

using NewsKind = sources::ChannelNews::Kind;
using sources::ChannelNews;

namespace {

constexpr std::int16_t major = 2;  // severity
constexpr int most_news = 1000;    // at a time: not all of an IOC that floods

}  // namespace

Beam::Beam(const record::BeamMonitor& monitor) : monitor_(monitor) {
  constexpr double patience = 20, moment = 2;  // s, for the library, and for the IOC
  if (monitor_.pv.empty()) return;
  lost_ = true;
  begin(patience);
  for (const double end = monotonic_seconds() + moment;
       !known() && monotonic_seconds() < end && !epics_->gone();)
    hear(end - monotonic_seconds());
}

void Beam::begin(double patience) {
  forget();
  epics_.reset();
  epics_ = std::make_unique<sources::Epics>("", patience);
  epics_->watch(0, monitor_.pv);
}

void Beam::forget() {
  connected_ = false;
  wrong_ = "its unit is not known yet";
  value_.reset();
}

void Beam::hear(double seconds) {
  int heard = 0;
  for (auto news = epics_->next(seconds); news; news = epics_->next(0)) {
    take(*news);
    if (++heard == most_news || (seconds > 0 && known())) return;
  }
}

void Beam::take(const ChannelNews& news) {
  if (news.kind == NewsKind::down) forget();
  if (news.kind == NewsKind::up) {
    forget();
    connected_ = true;
    shape_ = sources::other_shape(news);
    if (!shape_.empty()) wrong_ = shape_;
  }
  if (news.kind == NewsKind::properties && shape_.empty())
    wrong_ = sources::other_unit(news.unit, monitor_.unit, monitor_.egu);
  if (news.kind == NewsKind::value) value_ = news;
}

bool Beam::lost() {
  constexpr double pause = 2, patience = 5;  // s, between two children, and with one
  if (monitor_.pv.empty()) return false;
  if (epics_) hear(0);
  if (epics_ && epics_->gone()) {  // the safe mode first: another child may take its time
    forget();
    epics_.reset();
    tried_ = monotonic_seconds();
    return lost_ = true;
  }
  if (!epics_ && monotonic_seconds() > tried_ + pause) {
    try {
      begin(patience);
    } catch (const Error&) {  // lost until there is one
    }
    tried_ = monotonic_seconds();
  }
  lost_ = !known() || value_->severity >= major || !std::isfinite(value_->value) ||
          value_->value < (lost_ ? monitor_.back_from : monitor_.lost_below);
  return lost_;
}

std::string Beam::said() const {
  if (monitor_.pv.empty()) return "";
  if (!connected_) return monitor_.pv + " is not connected";
  if (!known()) return monitor_.pv + " " + (wrong_.empty() ? "says nothing" : wrong_);
  const std::string alarm = sources::name_of_severity(value_->severity);
  return monitor_.pv + " is " + shortest(value_->value) +
         (monitor_.unit.empty() ? "" : " " + monitor_.unit) + (alarm.empty() ? "" : ", " + alarm);
}

}  // namespace twin::app
