// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "app/steer_answer.h"
#include "record/policy.h"
#include "record/records.h"

namespace twin::app {

/// Makes commands: records, and what the file of them holds. Writes nothing, looks at no clock.
class Commands {
 public:
  explicit Commands(const SteerBeginning& beginning)
      : by_(beginning.start_id), number_(beginning.number) {}

  /// An input came.  \param time  UTC: records of its answer have it
  void begin(const std::string& time);
  /// What it brought about.
  [[nodiscard]] SteerAnswer end() { return std::move(answer_); }
  [[nodiscard]] SteerAnswer& answer() { return answer_; }

  /// A record of ours.  \return  its id
  std::string tell(record::Record record);

  /// \param newest  the file holds it from now on
  void give(record::Command command, bool newest);

  /// Something was asked for.
  [[nodiscard]] bool asked() const { return last_.has_value(); }

  /// The number of the next command.
  [[nodiscard]] std::int64_t next() { return ++sequence_; }

  /// The same mode for another while, \p newest as above.
  void renew(bool newest);

  /// Nothing is watched any more: whatever the file asks for, it is the safe mode from now on.
  void rest(const record::Policy& policy, const std::string& reason);

 private:
  void put();

  std::string by_, time_;
  std::optional<std::int64_t> number_;  // of the newest in the file
  std::int64_t sequence_ = 0;
  bool put_ = false;
  std::optional<record::Command> last_;
  SteerAnswer answer_;
};

}  // namespace twin::app
