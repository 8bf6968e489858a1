// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/audit_file.h"
#include "app/steer_answer.h"
#include "app/steering.h"
#include "record/policy.h"
#include "record/records.h"
#include "record/value.h"

namespace twin::app {

/// The first line of a run.
struct SteerLogBeginning {
  std::string time;     ///< UTC
  record::Start start;  ///< with our version, and the SHA-256 of the policy's file
  record::Policy policy;
  SteerBeginning beginning;  ///< its start_id is that of \p start
};

/// A line of a log: how a run begins, or what came, with what it brought about.
struct SteerLogLine {
  std::optional<SteerLogBeginning> begins;
  std::optional<SteerInput> input;
  record::Value question;  ///< the line without what follows
  std::string inputs;      ///< chained() over all questions of the run
  record::Value answer;    ///< as document_of() makes it
};

/// \param name  FILE:LINE, for messages
/// \throws Error{data}  it is none
[[nodiscard]] SteerLogLine read_steer_line(std::string_view text, const std::string& name);

/// SHA-256 of \p before and \p question, 64 hexadecimal digits.
[[nodiscard]] std::string chained(const std::string& before, const record::Value& question);

/// What of an answer is logged: R, the modes, the dose and all commands.
[[nodiscard]] record::Value document_of(const SteerAnswer& answer);

/// The log of all that twin-steer decided by, and of what it decided: a JSON document a line,
/// appended before anything of it is done, and synced before a command is given. One writer.
class SteerLog {
 public:
  /// \throws Error{try_again}  another program writes it; Error{cannot_create} it is another file
  ///         than a log of this kind; Error{output}
  SteerLog(std::string path, const SteerLogBeginning& beginning);

  /// \throws Error{output}  nothing may be asked for
  void write(const SteerInput& input, const SteerAnswer& answer);

 private:
  void append(record::Value line, const SteerAnswer& answer, bool synced);

  AuditFile file_;
  std::string inputs_;
};

}  // namespace twin::app
