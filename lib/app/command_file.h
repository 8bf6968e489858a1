// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/descriptor.h"
#include "record/records.h"

namespace twin::app {

/// The file that holds the newest command, replaced by rename. One writer: FILE.lock.
class CommandFile {
 public:
  /// \param path  "" for none
  /// \param now   s since 1970
  /// \throws Error{try_again}  another program writes it; Error{cannot_create} nor can this one
  CommandFile(std::string path, double now);

  /// The number that the next is above: whoever obeys knows us by our start, which is the same when
  /// we are started anew. It is the file's; where that is gone, \p now, above those that it can
  /// have had. Nothing without a file.
  [[nodiscard]] std::optional<std::int64_t> number() const { return number_; }

  /// \throws Error  it can't be written
  void put(const record::Command& command) const;

 private:
  std::string path_;
  Descriptor lock_;
  std::optional<std::int64_t> number_;
};

}  // namespace twin::app
