// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "app/pv_actuator.h"
#include "obey/gateway.h"
#include "record/bounds.h"

namespace twin::app {

/// Tells the beamline its mode, and asks it for the one that it is in, as the bounds say: by a file
/// that is replaced by rename, by a program, by a process variable of EPICS.
class Beamline {
 public:
  /// \param bounds  must outlive this
  explicit Beamline(const record::Bounds& bounds);

  /// Before the first order: whether it can be told.
  /// \throws Error  see PvActuator::begin()
  void begin();

  /// \param now  monotonic, s
  /// In each way that there is, whichever of them fails.
  /// \throws Error  the first that could not be told
  void tell(const obey::Order& order, double now);

  /// The file says until when it holds, so that whoever reads it sees when this has died: written
  /// anew when its time comes.
  void renew(double now);

  /// See PvActuator::by_hand().
  [[nodiscard]] std::optional<std::string> by_hand() { return pv_ ? pv_->by_hand() : std::nullopt; }

  /// Hears what a process variable says, and makes nothing of it.
  void hear() {
    if (pv_) (void)pv_->mode();
  }

  /// Nothing is renewed any more.
  void forget();

  /// The mode that it says it is in; nothing where it says none.
  [[nodiscard]] std::optional<std::string> mode();

 private:
  void write_mode(double now);
  void run_program(const obey::Order& order) const;

  const record::Bounds& bounds_;
  std::optional<PvActuator> pv_;
  std::optional<obey::Order> told_;
  double written_ = 0;  ///< monotonic, s
};

}  // namespace twin::app
