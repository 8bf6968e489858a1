// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "record/bounds.h"
#include "sources/epics.h"

namespace twin::app {

/// Tells the beamline its mode by a put to the one process variable of EPICS that the bounds name,
/// and hears by a monitor which mode it is in. Before each put the record is asked for its unit,
/// its limits and its leave; nothing is put that it would clip. Each wait has an end.
///
/// The child that speaks to the IOC puts the safe mode's value by itself when this process is
/// killed, unless an operator had taken over.
class PvActuator {
 public:
  /// \param actuator  must outlive this
  PvActuator(const record::Actuator& actuator, std::string safe_mode);

  /// Looks for the variables, and whether each mode could be put.
  /// \throws Error{unavailable}    libca is not there, or a variable does not answer
  /// \throws Error{configuration}  another unit, a mode outside of the record's limits, no number
  /// \throws Error{permission}     the IOC does not allow it to be put
  void begin();

  /// Puts a mode and waits until its record has processed it, for as long as the bounds say.
  /// \throws Error  as begin(), or it was not confirmed
  void tell(const std::string& mode);

  /// Nothing is left behind.
  void forget();

  /// The mode that the read-back says, or its value where it is that of none; nothing while it is
  /// not connected, or its alarm says that the value is none.
  [[nodiscard]] std::optional<std::string> mode();

 private:
  void hear(double seconds);
  void take(const sources::ChannelNews& news);
  [[nodiscard]] sources::ChannelNews wait_for(std::uint32_t request, double end);
  [[nodiscard]] sources::ChannelNews ask(double end);
  void check(const sources::ChannelNews& properties, const std::string& mode) const;

  const record::Actuator& actuator_;
  std::string safe_mode_;
  std::unique_ptr<sources::Epics> epics_;
  bool put_connected_ = false;
  bool leaves_ = false;                         ///< the safe mode behind
  std::optional<double> reads_;                 ///< the newest value of the read-back
  std::optional<sources::ChannelNews> answer_;  ///< to the newest request
  std::string shape_;                           ///< why the variable can't be put; "" when it can
};

}  // namespace twin::app
