// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "app/steer_commands.h"
#include "core/key_set.h"
#include "record/policy.h"
#include "record/records.h"
#include "steer/follow.h"
#include "steer/forecast.h"
#include "steer/modes.h"

namespace twin::app {

/// What was measured so long ago, or is to come, asks for nothing at \p now, s since 1970.
[[nodiscard]] bool is_fresh(std::optional<double> time, const record::Policy& policy, double now);

/// The stream as it comes: events at once, and the mode that they ask for. Writes nothing, looks at
/// no clock: the same records at the same times give the same.
class Live {
 public:
  /// \param policy     with a baseline; must outlive this, as \p commands
  /// \param beginning  the dose that was spent before
  Live(const record::Policy& policy, const SteerBeginning& beginning, Commands& commands);

  /// Whatever comes: measured results, starts, gaps and events say something; where there is a
  /// forecast, models, states, verdicts and digital results too; any other says nothing.
  /// \param now  s since 1970: what is old is so by it
  void take(const record::Record& record, double now);

  [[nodiscard]] const steer::Follow& follow() const { return follow_; }

 private:
  void take(const record::Result& result);
  void take(const record::Start& start);
  void take(const record::Gap& gap);
  void tell_of_learning();
  void foresee(const record::Result& result, std::string& id);
  void spend(const record::Result& result);
  void ask(const record::Result& result, const std::string& why, const std::string& id);
  [[nodiscard]] bool is_a_scan(const record::Result& result);

  const record::Policy& policy_;
  Commands& commands_;
  steer::Follow follow_;
  std::optional<double> counted_until_;  // s since 1970: the dose before has results up to then
  steer::Modes modes_;
  std::optional<steer::Forecast> forecast_;
  std::string foreseen_;  // what the newest forecast says
  double now_ = 0.0, time_ = 0.0;
  KeySet others_;  // starts of tools whose gaps are no missing samples
  KeySet scans_;
  bool unrenewed_ = false;  // and it was told
};

}  // namespace twin::app
