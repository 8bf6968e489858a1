// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "record/bounds.h"
#include "sources/epics.h"

namespace twin::app {

/// Tells the beamline its mode by a put to the one process variable of EPICS that the bounds name,
/// and hears by a monitor which mode it is in. Before each put the record is asked for its unit,
/// its limits and its leave; nothing is put that it would clip. Each wait has an end.
///
/// After the IOC, or the child, had been away, nothing is put before the read-back has said a mode
/// that it was told: another one was set by somebody meanwhile, and is his.
///
/// The child that speaks to the IOC puts the safe mode's value by itself when this process is
/// killed, unless an operator had taken over.
class PvActuator {
 public:
  /// \param actuator  must outlive this
  /// \param program   see sources::Epics
  PvActuator(const record::Actuator& actuator, std::string safe_mode, std::string program = "");

  /// Looks for the variables, and whether each mode could be put.
  /// \throws Error{unavailable}    libca is not there, or a variable does not answer
  /// \throws Error{configuration}  another unit, a mode outside of the record's limits, no number
  /// \throws Error{permission}     the IOC does not allow it to be put
  void begin();

  /// Puts a mode and waits until its record has processed it, for as long as the bounds say in all.
  /// \throws Error  as begin(), or it was not confirmed, or by_hand() says why
  void tell(const std::string& mode);

  /// The mode that somebody set while nothing was heard; once.
  [[nodiscard]] std::optional<std::string> by_hand() { return std::exchange(by_hand_, {}); }

  /// Nothing is left behind, and whatever mode it is in is right.
  void forget();

  /// The mode that the read-back says, or its value where it is that of none; nothing while it is
  /// not connected, or its alarm says that the value is none. A child that has gone is replaced.
  [[nodiscard]] std::optional<std::string> mode();

 private:
  void restart(double patience);
  void hear(double seconds);
  void take(const sources::ChannelNews& news);
  [[nodiscard]] sources::ChannelNews wait_for(std::uint32_t request, double end);
  [[nodiscard]] sources::ChannelNews ask(double end);
  void see(const std::string& mode, double end);
  void went();
  [[nodiscard]] std::string reading() const;
  void check(const sources::ChannelNews& properties, const std::string& mode) const;

  const record::Actuator& actuator_;
  std::string safe_mode_, program_;
  std::unique_ptr<sources::Epics> epics_;
  bool put_connected_ = false;
  bool leaves_ = false;         ///< the safe mode behind
  double started_ = 0;          ///< monotonic, s: the child
  std::set<std::string> told_;  ///< the modes that it may be in, by what was put
  std::string newest_;          ///< of them
  bool unsure_ = false;         ///< it was away since
  bool heard_ = false;          ///< the read-back, since it is connected
  std::optional<std::string> by_hand_;
  std::optional<double> reads_;                 ///< the newest value of the read-back
  std::optional<sources::ChannelNews> answer_;  ///< to the newest request
  std::string shape_;                           ///< why the variable can't be put; "" when it can
};

}  // namespace twin::app
