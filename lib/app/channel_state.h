// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "record/channels.h"
#include "record/quantity.h"
#include "sources/channel_history.h"
#include "sources/channel_news.h"

namespace twin::app {

/// What is known of one condition that a process variable says. Looks at no clock.
class ChannelState {
 public:
  ChannelState(std::string name, record::ContextChannel channel)
      : name_(std::move(name)), channel_(std::move(channel)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& pv() const { return channel_.pv; }

  /// Something came. \param now  s since 1970
  /// \return  what people should hear of it, once; "" for nothing
  [[nodiscard]] std::string take(const sources::ChannelNews& news, double now);

  /// It is not connected any more. \return  whether it had been
  bool lost(double now);

  /// True once after it came back, or came at all after it had been missed.
  [[nodiscard]] bool back();

  /// Not connected when it was looked for: from now on missed.
  [[nodiscard]] bool missing();

  /// A value came, or it is known that none will do.
  [[nodiscard]] bool settled() const;

  /// Why nothing of it can be used: another unit, no single number; "" when it can.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  /// The quantity of a scan, by its name; what is there already stays where there is no value.
  /// \param from, to  s since 1970, of the scan  \param tolerance  s, see sources::ChannelHistory
  void put_into(record::Quantities& environment, std::optional<double> from, double to,
                double tolerance) const;

 private:
  void check(const sources::ChannelNews& news, double now);
  void take_value(const sources::ChannelNews& news, double now);
  [[nodiscard]] std::string reason(const sources::ChannelFound& found) const;

  std::string name_;
  record::ContextChannel channel_;
  sources::ChannelHistory history_;
  std::string shape_trouble_, unit_trouble_, trouble_;
  std::optional<sources::ChannelNews> held_;  ///< the newest value; none while not connected
  bool connected_ = false, ever_ = false, properties_ = false, missed_ = false, late_ = false;
};

}  // namespace twin::app
