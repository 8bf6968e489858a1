// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "record/bounds.h"
#include "sources/epics.h"

namespace twin::app {

/// Whether there is a beam, as a process variable of EPICS says: lost below one value, back from
/// another one on, so that a current which wavers about one of them is lost once. While the
/// variable is not connected, is in another unit, is no finite number, or has an alarm that is
/// MAJOR or INVALID, it is lost.
class Beam {
 public:
  /// Waits a moment for its first value.
  /// \param monitor  must outlive this; without a variable there always is a beam
  /// \throws Error{unavailable}  libca is not there
  explicit Beam(const record::BeamMonitor& monitor);

  /// Hears what has come, and waits for nothing but another child where the last one has gone.
  [[nodiscard]] bool lost();

  /// What the variable said last, for people and the log; "" without one.
  [[nodiscard]] std::string said() const;

 private:
  void begin(double patience);
  void hear(double seconds);
  void take(const sources::ChannelNews& news);
  void forget();
  [[nodiscard]] bool known() const { return connected_ && wrong_.empty() && value_; }

  const record::BeamMonitor& monitor_;
  std::unique_ptr<sources::Epics> epics_;
  double tried_ = 0;  ///< monotonic, s: the newest try for a child was over
  bool lost_ = false, connected_ = false;
  std::string wrong_ = "its unit is not known yet";  ///< "" where it is what was expected
  std::string shape_;                                ///< why it is no single number; "" where it is
  std::optional<sources::ChannelNews> value_;
};

}  // namespace twin::app
