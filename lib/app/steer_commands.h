// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/run.h"
#include "core/descriptor.h"
#include "record/policy.h"
#include "record/records.h"

namespace twin::app {

/// Writes commands: records, and the newest in a file, replaced by rename.
class Commands {
 public:
  /// \param file  "" for none; its numbers go on where they stood, else at the seconds since 1970
  /// \throws Error{try_again}  another program writes it; Error{cannot_create} nor can this one
  Commands(Session& session, std::string file);

  /// \param newest  the file holds it from now on
  /// \throws Error  it can't be written
  void give(record::Command command, bool newest);

  /// The number of the next command.
  [[nodiscard]] std::int64_t next() { return ++sequence_; }

  /// The same mode for another while, \p newest as above.
  void renew(bool newest);

  /// Nothing is watched any more: whatever the file asks for, it is the safe mode from now on.
  void rest(const record::Policy& policy, const std::string& reason);

 private:
  void put();

  Session& session_;
  std::string file_;
  Descriptor lock_;
  std::int64_t sequence_ = 0, before_ = 0;
  bool put_ = false;
  std::optional<record::Command> last_;
};

}  // namespace twin::app
