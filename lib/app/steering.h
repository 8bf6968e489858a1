// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/steer_answer.h"
#include "app/steer_commands.h"
#include "app/steer_live.h"
#include "record/policy.h"
#include "record/records.h"
#include "steer/curve_scores.h"
#include "steer/summary.h"

namespace twin::app {

/// Something that comes to twin-steer, as its log has it.
struct SteerInput {
  enum class Kind { record, end, rest } kind;
  std::string time;                        ///< UTC: the clock as it was read for it
  std::optional<record::Record> record{};  ///< where one came
  std::string reason{};                    ///< why it rests
};

/// All that twin-steer decides. Touches no file and no clock: the same policy, beginning and inputs
/// give the same answers, bit for bit. Scores of curves are made before: they are in the inputs.
class Steering {
 public:
  /// \param policy  must outlive this
  /// \param scores  of curves, by the same policy; nothing where inputs have them, as in a log
  Steering(const record::Policy& policy, const SteerBeginning& beginning,
           std::unique_ptr<steer::CurveScores> scores = nullptr);
  Steering(const Steering&) = delete;
  Steering& operator=(const Steering&) = delete;

  /// Of a record that may say something, what does: curves are scores, other arrays, what is not
  /// watched and what no decision looks at are left out. Nothing of any other. Each but the first
  /// behind the answer to the one before.
  [[nodiscard]] std::optional<record::Record> matter_of(const record::Record& record);

  /// Of the newest measured result of matter_of(), where scores are made.
  [[nodiscard]] const steer::Scored& scored() const { return scored_; }

  /// A record as matter_of() has it; the end, at which periods are compared; or that nothing is
  /// watched any more, for which the file of commands asks for the safe mode.
  /// \throws Error{data}  the time of \p input is none
  [[nodiscard]] SteerAnswer answer_to(const SteerInput& input);

 private:
  void take(const record::Record& record, double now);
  void compare(double now);

  const record::Policy& policy_;
  Commands commands_;
  std::optional<Live> live_;
  std::unique_ptr<steer::CurveScores> scores_;
  steer::Scored scored_;
  steer::Periods periods_;
  std::vector<std::string> names_;  // of periods as they came, "" too
  long long results_ = 0;
  std::optional<double> measured_;  // when the last result was, s since 1970
};

}  // namespace twin::app
