// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/descriptor.h"
#include "record/value.h"

namespace twin::app {

/// A log that is only appended to, a document a line. One writer: a lock (flock(2)) of the file
/// itself. A last line that a killed program left torn is cut off when it is opened.
class AuditFile {
 public:
  /// \param begins   how its first line has to begin: what is no such log stays as it is
  /// \param taken    what another program does that has it: "another program obeys by this log"
  /// \param without  what is not done without it: "nothing is ordered without a log"
  /// \throws Error{try_again}  another program has it; Error{cannot_create}, Error{output},
  ///         Error{no_input}
  AuditFile(std::string path, std::string_view begins, const std::string& taken,
            std::string without);

  /// The last whole line that was there, without its end; "" for none.
  [[nodiscard]] std::string last_line() const;

  /// \throws Error{output}  it was moved away: another program may have one of its name
  void check() const;

  /// \param synced  it is on the disk when this returns
  /// \throws Error{output}  nothing of it was written
  void append(std::string line, bool synced);

 private:
  [[nodiscard]] std::size_t line_end(std::size_t before) const;
  [[nodiscard]] std::string read(std::size_t from, std::size_t to) const;
  void cut(std::size_t size);

  std::string path_, without_;
  Descriptor file_;
  std::size_t size_ = 0;  // of whole lines
};

/// A member that a line has to have.  \throws Error{data}  it has not
[[nodiscard]] const record::Value& needed(const record::Value& line, const char* key);

}  // namespace twin::app
