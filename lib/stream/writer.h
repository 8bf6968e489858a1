// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "record/records.h"

namespace twin::stream {

enum class Format { jsonl, yaml, table, tsv };

/// Writes records to a descriptor: fills in `id`, `by` and `time`, flushes each.
/// table and tsv print one row a result, verdict, event or command, the columns asked for:
/// names of quantities ("r:Cu-Cu.1"; in a table value(uncertainty), in tsv three columns NAME,
/// NAME.sigma, NAME.sigma_sys) and "time", "scan", "period", "verdict", "chi2", "p", environment
/// keys. When nobody asks for columns they are \p expected, which whoever writes knows will come
/// (the header stands before the first row, which may lack some), and what the first result has
/// besides.
class Writer {
 public:
  Writer(int descriptor, Format format, std::vector<std::string> columns,
         std::vector<std::string> expected = {});
  ~Writer();

  /// Returns the id. The first record written must be a Start: its id becomes `by` of the rest.
  /// A record that has an id already, made by another program, passes unchanged; one that is by
  /// this stream's own start, and has its id, is believed to have the right one. \throws
  /// Error{data}        no reader would take it (see limits.h); nothing was written \throws
  /// Error{closed_pipe} the reader has gone (SIGPIPE must be ignored); Error{output} anything else
  std::string write(record::Record record);

  /// Writes the end record (counts are its own). Nothing may follow.
  void end(int status);

  /// Columns that were asked for and that no row had, though there were rows, each with what was
  /// perhaps meant: "r:Cu-Cu.2; perhaps r:Cu-Cu.1". Fields that may be empty are not among them.
  [[nodiscard]] std::vector<std::string> unknown_columns() const;

  [[nodiscard]] long long count() const;
  [[nodiscard]] long long failures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::stream
