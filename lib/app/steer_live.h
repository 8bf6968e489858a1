// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "app/run.h"
#include "app/spent_dose.h"
#include "app/steer_commands.h"
#include "app/steer_figure.h"
#include "core/key_set.h"
#include "record/policy.h"
#include "record/records.h"
#include "steer/follow.h"
#include "steer/modes.h"

namespace twin::app {

/// What was measured so long ago, or is to come, asks for nothing at \p now, s since 1970.
[[nodiscard]] bool is_fresh(std::optional<double> time, const record::Policy& policy, double now);

/// The stream as it comes: events at once, and the mode that they ask for.
class Live {
 public:
  /// \param policy  with a baseline; must outlive this, as the others
  Live(Session& session, const record::Policy& policy, Commands& commands, SteerFigure& figure);

  /// Whatever comes: measured results, starts and gaps say something; any other says nothing.
  /// \param now  s since 1970: what is old is so by it
  void take(const record::Record& record, double now);

 private:
  void take(const record::Result& result);
  void take(const record::Start& start);
  void take(const record::Gap& gap);
  void ask(const record::Result& result, const std::string& why, const std::string& id);
  [[nodiscard]] bool is_a_scan(const record::Result& result);
  std::string tell(record::Record record);

  Session& session_;
  const record::Policy& policy_;
  Commands& commands_;
  SteerFigure& figure_;
  steer::Follow follow_;
  SpentDose dose_;
  steer::Modes modes_;
  double now_ = 0.0, time_ = 0.0;
  KeySet others_;  // starts of tools whose gaps are no missing samples
  KeySet scans_;
};

}  // namespace twin::app
