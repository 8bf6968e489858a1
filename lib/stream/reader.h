// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/records.h"
#include "stream/limits.h"

namespace twin::stream {

/// A record and where it stood.
struct Item {
  record::Record record;
  std::string source;  ///< file name or "-"
  std::size_t line = 0;
};

/// Reads records one by one from files and "-" (stdin): JSON lines, or YAML documents between
/// `---`, each as soon as it has arrived. Which of the two is seen from the first byte. A model
/// file (format: twin-model/1) counts as a stream of one model record.
class Reader {
 public:
  explicit Reader(std::vector<std::string> inputs, std::size_t longest = longest_line);
  /// One input whose bytes are there already.  \param name  as messages shall name it
  Reader(const std::string& name, const std::string& bytes, std::size_t longest);
  ~Reader();

  /// The next record; nothing at the end of the last input.
  /// \throws Error{data}      `file:line: ...` for a document that is no record, or a line over the
  ///                          limit (skipped without being held in memory): call again to go on
  /// \throws Error{no_input}  a file is missing: call again to go on with the next one
  std::optional<Item> next();

  /// The request id of the newest document, also of one that next() refused; "" = none. A worker
  /// owes its answer to that id.
  [[nodiscard]] const std::string& request() const;

  /// After the end: every writer's stream that began also ended, with status 0 or with an answer
  /// (1, 3, 4). Else what was wrong, for people ("start of twin-simulate without an end: it was
  /// cut").
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::stream
