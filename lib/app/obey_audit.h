// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/audit_file.h"
#include "obey/gateway.h"
#include "record/bounds.h"

namespace twin::app {

/// Something that came to the gateway, as the log has it.
struct ObeyInput {
  enum class Kind {
    begin,
    disarmed,
    command,
    tick,
    jump,
    overridden,
    suspended,
    read_back,
    failed,
    end
  } kind;
  obey::Now now;
  record::Command command = {};  ///< where a command came
  std::string text = {};  ///< the mode that was read back; why sending failed; "start" where the
                          ///< program begins (begin, overridden)
  bool flag = false;      ///< of overridden, suspended; of begin: armed; of read_back: by hand
};

/// What the gateway says to it.
[[nodiscard]] obey::Answer answer_to(obey::Gateway& gateway, const ObeyInput& input);

/// The log of all that came to the gateway and of what it said: a JSON document a line, appended
/// and synced before anything is sent. One writer. It is also the gateway's memory.
class ObeyAudit {
 public:
  /// \param bounds_sha256  of the bounds' file, for the log
  /// \throws Error{try_again}  another program obeys by it; Error{cannot_create}, Error{output}
  ObeyAudit(std::string path, std::string bounds_sha256, bool simulated);

  /// What the last whole line remembers.
  [[nodiscard]] const obey::Memory& memory() const { return memory_; }

  /// \throws Error{output}  the log was moved away: another program may have one of its name
  void check() const { file_.check(); }

  /// \param before  what was ordered until now
  /// \param sent    false where an order is only said, as nothing is armed
  /// \throws Error{output}
  void write(const ObeyInput& input, const obey::Answer& answer,
             const std::optional<obey::Order>& before, bool sent, const obey::Memory& memory);

 private:
  std::string bounds_sha256_;
  bool simulated_;
  AuditFile file_;
  obey::Memory memory_;
};

/// Where a log and what the gateway says to the same inputs now differ, for people.
struct AuditReplay {
  std::size_t lines = 0, orders = 0;
  std::vector<std::string> differences;  ///< "LOG:LINE: ordered ..., now ...", at most 20
};

/// \throws Error{no_input}, Error{data}  the log is none
[[nodiscard]] AuditReplay replay_audit(const std::string& log, const record::Bounds& bounds);

}  // namespace twin::app
